//! What the SQLite store costs, and what waits for what.
//!
//! `cargo bench -p twinjar-server --bench sqlite_store` prints, for files in the build folder:
//!
//! - reads and writes a second by 32 tasks, with each level of durability, and reads through a near cache;
//! - how long after a logout at one store another one on the same file hears of it;
//! - how long writes and reads take on an idle machine, and how long while a sweep removes a million expired sessions
//!   (`-- 100000`: as many).

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::time::{Duration, Instant};

use twinjar_server::store::{
    Commit, Committed, JsonText, Meta, NearCache, NearCacheLimits, News, NewsListener, Patch, Record,
    SessionData, SessionStore, SqliteStore, Synchronous, Touch,
};
use twinjar_server::{Handle, StoreKey, UnixMillis};

const NOW: UnixMillis = UnixMillis::new(1_800_000_000_000);
const LIFE: Duration = Duration::from_secs(1800);
const TASKS: usize = 32;
const SESSIONS: usize = 64;

type Store = Arc<dyn SessionStore>;

#[derive(Clone, Copy)]
enum Operation {
    Read,
    Write,
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    // Benchmarks get `--bench`; without it this is a test run, and a little will do.
    let measured = std::env::args().any(|argument| argument == "--bench");
    let asked = std::env::args().skip(1).find_map(|argument| argument.parse().ok());
    let sessions = asked.unwrap_or(if measured { 1_000_000 } else { 2_000 });
    let round = Duration::from_millis(if measured { 3_000 } else { 50 });
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR"))?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        for (name, level) in [("full", Synchronous::Full), ("normal", Synchronous::Normal)] {
            rates(name, &open(&folder.path().join(name), level), round).await;
        }
        news(&folder.path().join("news"), if measured { 1_000 } else { 10 }).await;
        sweep(&folder.path().join("sweep"), sessions, round).await;
    });
    Ok(())
}

fn open(file: &Path, level: Synchronous) -> SqliteStore {
    SqliteStore::builder().synchronous(level).open(file).expect("a new file can be opened")
}

async fn rates(name: &str, store: &SqliteStore, round: Duration) {
    let plain: Store = Arc::new(store.clone());
    let keys = fill(&plain, SESSIONS, LIFE).await;
    let reads = rate(&plain, &keys, Operation::Read, round).await;
    let writes = rate(&plain, &keys, Operation::Write, round).await;
    let cached: Store = Arc::new(NearCache::new(store.clone(), NearCacheLimits::default()));
    until_current(store).await;
    let cached = rate(&cached, &keys, Operation::Read, round).await;
    println!("{name}: {reads:.0} reads, {cached:.0} cached reads, {writes:.0} writes a second");
}

async fn rate(store: &Store, keys: &Arc<Vec<StoreKey>>, operation: Operation, round: Duration) -> f64 {
    let start = Instant::now();
    let tasks: Vec<_> = (0..TASKS)
        .map(|task| {
            let (store, keys) = (Arc::clone(store), Arc::clone(keys));
            tokio::spawn(async move {
                let mut done = 0_u32;
                while start.elapsed() < round {
                    for key in keys.iter().cycle().skip(task * 2).take(16) {
                        run(&*store, operation, key).await;
                        done += 1;
                    }
                    tokio::task::yield_now().await;
                }
                done
            })
        })
        .collect();
    let mut done = 0;
    for task in tasks {
        done += task.await.expect("no operation fails");
    }
    f64::from(done) / start.elapsed().as_secs_f64()
}

async fn news(file: &Path, logouts: u64) {
    let (here, there) = (open(file, Synchronous::Full), open(file, Synchronous::Full));
    let (sender, heard) = channel();
    let listener: Arc<dyn NewsListener> = Arc::new(Listener(sender));
    there.news().expect("SQLite gives news").listen(Arc::downgrade(&listener));
    until_current(&there).await;
    let store: Store = Arc::new(here);
    let keys = fill(&store, usize::try_from(logouts).expect("few"), LIFE).await;
    let mut delays = Vec::new();
    for (number, key) in keys.iter().enumerate() {
        // Logouts come at any moment between two looks.
        tokio::time::sleep(Duration::from_micros(1_000 + number as u64 * 37 % 9_000)).await;
        assert!(store.delete(key, NOW).await.expect("no operation fails"));
        let deleted = Instant::now();
        while heard.recv().expect("the listener lives").0 != *key {}
        delays.push(deleted.elapsed());
    }
    print("another store hears of a logout after", &mut delays);
}

struct Listener(Sender<(StoreKey, Instant)>);

impl NewsListener for Listener {
    fn changed(&self, key: &StoreKey) {
        let _ = self.0.send((*key, Instant::now()));
    }

    fn missed(&self) {}
}

async fn until_current(store: &SqliteStore) {
    while !store.news().is_some_and(News::is_current) {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

async fn sweep(file: &Path, sessions: usize, round: Duration) {
    let store: Store = Arc::new(open(file, Synchronous::Full));
    let start = Instant::now();
    fill(&store, sessions, LIFE).await;
    let keys = fill(&store, SESSIONS, LIFE * 4).await;
    println!("{sessions} sessions, made in {:?}", start.elapsed());

    let done = Arc::new(AtomicBool::new(false));
    let alone = time_both(&store, &keys, &done);
    tokio::time::sleep(round).await;
    done.store(true, Ordering::Relaxed);
    report("alone", alone).await;

    done.store(false, Ordering::Relaxed);
    let beside = time_both(&store, &keys, &done);
    let (start, mut swept) = (Instant::now(), 0);
    while swept < sessions as u64 {
        swept += store.sweep(NOW + LIFE * 2).await.expect("no operation fails");
    }
    let elapsed = start.elapsed();
    done.store(true, Ordering::Relaxed);
    println!("swept in {elapsed:?}");
    report("beside the sweep", beside).await;
}

type Times = tokio::task::JoinHandle<Vec<Duration>>;

/// One visitor reads, another one writes, each after the other until it is done.
fn time_both(store: &Store, keys: &Arc<Vec<StoreKey>>, done: &Arc<AtomicBool>) -> [Times; 2] {
    [Operation::Read, Operation::Write].map(|operation| {
        let (store, keys, done) = (Arc::clone(store), Arc::clone(keys), Arc::clone(done));
        tokio::spawn(async move {
            let mut times = Vec::new();
            for key in keys.iter().cycle() {
                if done.load(Ordering::Relaxed) {
                    break;
                }
                let start = Instant::now();
                run(&*store, operation, key).await;
                times.push(start.elapsed());
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
            times
        })
    })
}

async fn report(when: &str, [reads, writes]: [Times; 2]) {
    print(&format!("reads {when} take"), &mut reads.await.expect("no operation fails"));
    print(&format!("writes {when} take"), &mut writes.await.expect("no operation fails"));
}

async fn run(store: &dyn SessionStore, operation: Operation, key: &StoreKey) {
    match operation {
        Operation::Read => {
            assert!(store.load(key, NOW).await.expect("no operation fails").is_some());
        }
        Operation::Write => {
            let mut patch = Patch::default();
            patch.set("n", JsonText::of(&2).expect("a number"));
            let touch = Touch { deadline: NOW + LIFE * 4, seen_at: NOW };
            let commit = Commit { patch: &patch, expected: None, touch, meta: None };
            let committed = store.commit(key, commit, NOW).await.expect("no operation fails");
            assert!(matches!(committed, Committed::Done(_)));
        }
    }
}

/// New sessions, as many at once as one transaction takes.
async fn fill(store: &Store, sessions: usize, life: Duration) -> Arc<Vec<StoreKey>> {
    let keys: Vec<_> = (0..sessions).map(|_| StoreKey::from_bytes(rand::random())).collect();
    for keys in keys.chunks(256) {
        let created = keys.iter().map(|key| store.create(key, record(life).into(), NOW));
        let created = futures_util::future::try_join_all(created).await.expect("no operation fails");
        assert!(created.into_iter().all(|created| created));
    }
    Arc::new(keys)
}

fn record(life: Duration) -> Record {
    let meta = Meta {
        handle: Handle::generate(),
        created_at: NOW,
        absolute_deadline: NOW + LIFE * 24,
        idle_timeout: LIFE,
        persistent: false,
        identity: None,
    };
    let data = SessionData::parse(r#"{"n":1}"#).expect("an object");
    Record { data, revision: 1, deadline: NOW + life, seen_at: NOW, meta }
}

fn print(what: &str, times: &mut [Duration]) {
    times.sort();
    let at = |thousandths: usize| times[(times.len() - 1) * thousandths / 1000];
    println!("{what} {:?}, 99 % within {:?}, 99.9 % {:?}, all {:?}", at(500), at(990), at(999), at(1000));
}
