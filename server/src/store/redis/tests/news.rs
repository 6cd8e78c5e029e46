//! What Redis tells, and what happens when it does not.

use std::time::{Duration, Instant};

use super::server::Server;
use crate::store::test_support::{create, done, key, now, put, value};
use crate::store::{Loaded, NearCache, NearCacheLimits, News, RedisStore, SessionStore};

const PATIENCE: Duration = Duration::from_secs(20);

async fn cached(server: &Server) -> NearCache<RedisStore> {
    let store = NearCache::new(server.store().await, NearCacheLimits::default());
    until_current(&store).await;
    store
}

pub(super) async fn until(condition: impl Fn() -> bool) -> Duration {
    let start = Instant::now();
    while !condition() {
        assert!(start.elapsed() < PATIENCE, "it does not come about");
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    start.elapsed()
}

pub(super) async fn until_current(store: &impl SessionStore) -> Duration {
    until(|| store.news().is_some_and(News::is_current)).await
}

pub(super) async fn until_value(store: &impl SessionStore, number: u64, expected: &str) -> Duration {
    let start = Instant::now();
    while value(store, number).await.unwrap().as_deref() != Some(expected) {
        assert!(start.elapsed() < PATIENCE, "the change is not seen");
    }
    start.elapsed()
}

async fn is_kept(store: &NearCache<RedisStore>, number: u64) -> bool {
    let deadline = Instant::now() + PATIENCE;
    // The word of the session's own creation may come after the first answer, and undo it.
    while store.is_empty() && Instant::now() < deadline {
        value(store, number).await.unwrap();
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    !store.is_empty()
}

/// The clients of this server that hear what changes.
async fn listeners(server: &Server) -> Vec<String> {
    let clients: String = server.command(redis::cmd("CLIENT").arg("LIST")).await;
    let field = |line: &str, name: &str| {
        line.split(' ').find_map(|field| field.strip_prefix(name)).unwrap_or_default().to_owned()
    };
    let listening = clients.lines().filter(|line| field(line, "flags=").contains('t'));
    listening.map(|line| field(line, "id=")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn unchanged_sessions_are_read_without_a_round_trip() {
    let server = Server::start(&[]);
    let store = cached(&server).await;
    assert!(create(&store, 1).await.unwrap());
    assert!(is_kept(&store, 1).await);
    let gets = || async {
        let stats: String = server.command(redis::cmd("INFO").arg("commandstats")).await;
        stats.lines().find(|line| line.starts_with("cmdstat_get:")).unwrap_or_default().to_owned()
    };
    let before = gets().await;
    for _ in 0..1000 {
        assert_eq!(value(&store, 1).await.unwrap().as_deref(), Some("0"));
    }
    assert_eq!(gets().await, before);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_logout_elsewhere_is_honoured_within_milliseconds() {
    const LOGOUTS: u64 = 300;
    let server = Server::start(&[]);
    let (here, there) = (cached(&server).await, server.store().await);
    let mut times = Vec::new();
    for number in 0..LOGOUTS {
        assert!(create(&there, number).await.unwrap());
        while value(&here, number).await.unwrap().is_none() {}
        assert!(there.delete(&key(number), now()).await.unwrap());
        let deleted = Instant::now();
        while value(&here, number).await.unwrap().is_some() {
            assert!(deleted.elapsed() < PATIENCE, "the logout is not seen");
            tokio::task::yield_now().await;
        }
        times.push(deleted.elapsed());
    }
    times.sort();
    let at = |percent: usize| times[(times.len() - 1) * percent / 100];
    println!("a logout elsewhere is honoured after {:?} (median), {:?} (99 %)", at(50), at(99));
    assert!(at(99) < Duration::from_millis(500), "{:?}", at(99));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn writers_elsewhere_are_never_overlooked() {
    const WRITES: u64 = 500;
    let server = Server::start(&[]);
    let (here, there) = (std::sync::Arc::new(cached(&server).await), server.store().await);
    assert!(create(&there, 1).await.unwrap());
    let readers: Vec<_> = (0..4)
        .map(|_| {
            let here = std::sync::Arc::clone(&here);
            tokio::spawn(async move {
                let mut last = 0;
                while last < WRITES {
                    let n: u64 = value(&*here, 1).await.unwrap().unwrap().parse().unwrap();
                    assert!(n >= last, "{n} was read after {last}");
                    last = n;
                    tokio::task::yield_now().await;
                }
            })
        })
        .collect();
    for n in 1..=WRITES {
        done(&put(&there, 1, &n.to_string()).await);
    }
    for reader in readers {
        tokio::time::timeout(PATIENCE, reader).await.expect("a change was overlooked").unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_channel_empties_the_cache_and_is_opened_anew() {
    let server = Server::start(&[]);
    let (here, there) = (cached(&server).await, server.store().await);
    assert!(create(&there, 1).await.unwrap());
    for round in 1..4 {
        assert!(is_kept(&here, 1).await);
        let listeners = listeners(&server).await;
        assert_eq!(listeners.len(), 1, "round {round}");
        let _: i64 = server.command(redis::cmd("CLIENT").arg("KILL").arg("ID").arg(&listeners[0])).await;
        done(&put(&there, 1, &round.to_string()).await);
        let late = until_value(&here, 1, &round.to_string()).await;
        assert!(late < Duration::from_secs(5), "{late:?}");
        until_current(&here).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_frozen_channel_is_not_trusted_for_longer_than_a_second() {
    let server = Server::start(&[]);
    let relay = super::server::Relay::start(server.port()).await;
    // What is read and what is told come through the relay, which freezes; the writer does not.
    let store = RedisStore::builder().timeout(Duration::from_secs(5));
    let here = NearCache::new(store.connect(relay.address()).await.unwrap(), NearCacheLimits::default());
    let there = server.store().await;
    until_current(&here).await;
    assert!(create(&there, 1).await.unwrap());
    assert!(is_kept(&here, 1).await);
    relay.freeze(true);
    done(&put(&there, 1, "1").await);
    let frozen = Instant::now();
    let lapsed = until(|| !here.news().is_some_and(News::is_current)).await;
    assert!(lapsed < Duration::from_secs(3), "{lapsed:?}");
    // Reads pass on, and so wait, until it thaws.
    tokio::spawn(async move {
        tokio::time::sleep(Duration::from_millis(500)).await;
        relay.freeze(false);
        tokio::time::sleep(PATIENCE).await;
    });
    assert_eq!(value(&here, 1).await.unwrap().as_deref(), Some("1"));
    println!("the freeze was noticed after {lapsed:?}; read right after {:?}", frozen.elapsed());
    until_current(&here).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stopped_server_is_noticed_and_comes_back() {
    let server = Server::start(&[]);
    let here = cached(&server).await;
    assert!(create(&here, 1).await.unwrap());
    assert!(is_kept(&here, 1).await);
    server.signal("STOP");
    until(|| !here.news().is_some_and(News::is_current)).await;
    assert!(here.load(&key(1), now()).await.is_err(), "nothing is answered from a doubtful cache");
    server.signal("CONT");
    until_current(&here).await;
    assert!(matches!(here.load(&key(1), now()).await, Ok(Some(Loaded::Live { .. }))));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flushed_server_empties_the_cache() {
    let server = Server::start(&[]);
    let here = cached(&server).await;
    assert!(create(&here, 1).await.unwrap());
    assert!(is_kept(&here, 1).await);
    let _: String = server.command(&redis::cmd("FLUSHALL")).await;
    let start = Instant::now();
    while value(&here, 1).await.unwrap().is_some() {
        assert!(start.elapsed() < PATIENCE, "a flushed session is still there");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_listens_where_nobody_wants_to_know() {
    let server = Server::start(&[]);
    let store = server.store().await;
    assert!(create(&store, 1).await.unwrap());
    assert!(listeners(&server).await.is_empty());
    let news = store.news().unwrap();
    until(|| news.is_current()).await;
    assert_eq!(listeners(&server).await.len(), 1);
    drop(store);
    let start = Instant::now();
    while !listeners(&server).await.is_empty() {
        assert!(start.elapsed() < PATIENCE, "the channel outlives the store");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
