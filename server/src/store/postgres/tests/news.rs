//! What PostgreSQL tells, and what happens when it does not.

use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use super::server::Postgres;
use super::{address, connect};
use crate::store::test_support::{RoundRobin, create, done, key, now, put, value};
use crate::store::{NearCache, NearCacheLimits, News, PostgresStore, SessionStore, conformance};

const PATIENCE: Duration = Duration::from_secs(20);

async fn listening(server: &Postgres, schema: &str) -> NearCache<PostgresStore> {
    let store = PostgresStore::builder().schema(schema).news(true).connect(address(server)).await.unwrap();
    let store = NearCache::new(store, NearCacheLimits::default());
    until_current(&store).await;
    store
}

async fn until_current(store: &NearCache<PostgresStore>) {
    until(|| store.news().is_some_and(News::is_current)).await;
}

async fn until(condition: impl Fn() -> bool) -> Duration {
    let start = Instant::now();
    while !condition() {
        assert!(start.elapsed() < PATIENCE, "it does not come about");
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    start.elapsed()
}

async fn is_kept(store: &NearCache<PostgresStore>) -> bool {
    let give_up = Instant::now() + PATIENCE;
    // The word of an earlier change may come after the first answer, and undo it.
    while store.is_empty() && Instant::now() < give_up {
        value(store, 1).await.unwrap();
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    !store.is_empty()
}

fn listener(server: &Postgres) -> String {
    server.sql("SELECT pid FROM pg_stat_activity WHERE application_name = 'twinjar news'")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_contract_is_kept_behind_caches() {
    let server = Postgres::start(&["fsync=off"]);
    let next = AtomicU64::new(0);
    conformance::check(|| async {
        let schema = format!("case {}", next.fetch_add(1, Ordering::Relaxed));
        // One at a time: the second finds the tables that the first has made.
        RoundRobin::new(vec![listening(&server, &schema).await], ())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn unchanged_sessions_are_read_without_a_round_trip() {
    let server = Postgres::start(&[]);
    let store = listening(&server, "twinjar").await;
    assert!(create(&store, 1).await.unwrap());
    assert!(is_kept(&store).await);
    // Nobody else can read it.
    let _ = server.sql("ALTER TABLE twinjar.sessions RENAME TO elsewhere");
    assert_eq!(value(&store, 1).await.unwrap().as_deref(), Some("0"));
    assert!(store.load(&key(2), now()).await.is_err());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_logout_elsewhere_is_honoured_within_milliseconds() {
    const LOGOUTS: u64 = 200;
    let server = Postgres::start(&[]);
    let (here, there) = (listening(&server, "twinjar").await, connect(&server).await);
    let mut times = Vec::new();
    for number in 0..LOGOUTS {
        assert!(create(&there, number).await.unwrap());
        assert!(value(&here, number).await.unwrap().is_some());
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
    const WRITES: u64 = 300;
    let server = Postgres::start(&["fsync=off"]);
    let (here, there) = (Arc::new(listening(&server, "twinjar").await), connect(&server).await);
    assert!(create(&there, 1).await.unwrap());
    let readers: Vec<_> = (0..4)
        .map(|_| {
            let here = Arc::clone(&here);
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
async fn a_channel_that_breaks_empties_the_cache_and_is_opened_anew() {
    let server = Postgres::start(&[]);
    let (here, there) = (listening(&server, "twinjar").await, connect(&server).await);
    assert!(create(&there, 1).await.unwrap());
    for round in 1..4 {
        assert!(is_kept(&here).await);
        let pid = listener(&server);
        assert_eq!(server.sql(&format!("SELECT pg_terminate_backend({pid})")), "t");
        done(&put(&there, 1, &round.to_string()).await);
        let start = Instant::now();
        while value(&here, 1).await.unwrap() != Some(round.to_string()) {
            assert!(start.elapsed() < Duration::from_secs(5), "the change is not seen");
        }
        until_current(&here).await;
        assert_ne!(listener(&server), pid);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_channel_that_stands_still_is_not_trusted_for_longer_than_a_second() {
    let server = Postgres::start(&[]);
    let (here, there) = (listening(&server, "twinjar").await, connect(&server).await);
    assert!(create(&there, 1).await.unwrap());
    assert!(is_kept(&here).await);
    let pid = listener(&server);
    let signal = |signal: &str| Command::new("kill").args([signal, &pid]).status().unwrap().success();
    assert!(signal("-STOP"));
    done(&put(&there, 1, "1").await);
    let lapsed = until(|| !here.news().is_some_and(News::is_current)).await;
    assert!(lapsed < Duration::from_secs(3), "{lapsed:?}");
    assert_eq!(value(&here, 1).await.unwrap().as_deref(), Some("1"), "read from PostgreSQL itself");
    assert!(signal("-CONT"));
    until_current(&here).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_told_unless_somebody_asks() {
    let server = Postgres::start(&[]);
    let store = connect(&server).await;
    assert!(store.news().is_none());
    let told = "SELECT tgenabled FROM pg_trigger WHERE tgname = 'tell_of_changes'";
    assert_eq!(server.sql(told), "D");
    drop(listening(&server, "twinjar").await);
    assert_eq!(server.sql(told), "O");
    // A user who may not turn it on is told nothing, and reads everything from PostgreSQL.
    let _ = server.sql(
        "ALTER TABLE twinjar.sessions DISABLE TRIGGER tell_of_changes; CREATE ROLE shop LOGIN; \
         GRANT USAGE ON SCHEMA twinjar TO shop; \
         GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA twinjar TO shop",
    );
    let url = server.url().replace("postgres@", "shop@");
    let shop = PostgresStore::builder().news(true).connect(url.parse().unwrap()).await.unwrap();
    let shop = NearCache::new(shop, NearCacheLimits::default());
    assert!(create(&shop, 1).await.unwrap());
    for n in 0..20 {
        done(&put(&store, 1, &n.to_string()).await);
        assert_eq!(value(&shop, 1).await.unwrap(), Some(n.to_string()));
        assert!(!shop.news().is_some_and(News::is_current));
    }
}
