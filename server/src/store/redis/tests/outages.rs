//! A server that stops, comes back, or is killed under writers.

use std::time::{Duration, Instant};

use rustix::process::Signal;

use super::server::Server;
use crate::store::test_support::{create, done, key, kind, put, value};
use crate::store::{RedisStore, SessionStore, StoreErrorKind};

const SHORT: Duration = Duration::from_millis(300);

/// Until the store works again.
async fn recovered(store: &RedisStore) -> Duration {
    let start = Instant::now();
    while store.ping().await.is_err() {
        assert!(start.elapsed() < Duration::from_secs(20), "the store does not recover");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    start.elapsed()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_stands_still_is_not_waited_for() {
    let server = Server::start(&[]);
    let store = server.store_with(RedisStore::builder().timeout(SHORT)).await;
    assert!(create(&store, 1).await.unwrap());
    server.signal(Signal::STOP);
    let start = Instant::now();
    assert_eq!(kind(value(&store, 1).await), StoreErrorKind::Unavailable);
    assert_eq!(kind(put(&store, 1, "1").await), StoreErrorKind::Unavailable);
    assert_eq!(kind(store.ping().await), StoreErrorKind::Unavailable);
    assert!(start.elapsed() < SHORT * 8, "{:?}", start.elapsed());
    server.signal(Signal::CONT);
    recovered(&store).await;
    done(&put(&store, 1, "2").await);
    assert_eq!(value(&store, 1).await.unwrap().as_deref(), Some("2"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_comes_back_is_used_again() {
    let mut server = Server::start(&["--appendonly", "yes", "--appendfsync", "always"]);
    let store = server.store().await;
    assert!(create(&store, 1).await.unwrap());
    server.kill();
    assert_eq!(kind(put(&store, 1, "1").await), StoreErrorKind::Unavailable);
    assert_eq!(kind(value(&store, 1).await), StoreErrorKind::Unavailable);
    server.restart();
    recovered(&store).await;
    // The scripts have to be loaded again.
    done(&put(&store, 1, "2").await);
    assert_eq!(value(&store, 1).await.unwrap().as_deref(), Some("2"));
    let _: String = server.command(redis::cmd("SCRIPT").arg("FLUSH")).await;
    done(&put(&store, 1, "3").await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_killed_server_loses_nothing_that_was_acknowledged() {
    const WRITERS: u64 = 8;
    let mut server = Server::start(&["--appendonly", "yes", "--appendfsync", "always"]);
    let store = server.store().await;
    for writer in 0..WRITERS {
        assert!(create(&store, writer).await.unwrap());
    }
    let rounds: u64 = std::env::var("TWINJAR_KILL_ROUNDS").map_or(10, |rounds| rounds.parse().unwrap());
    for round in 0..rounds {
        let mut writers = tokio::task::JoinSet::new();
        for writer in 0..WRITERS {
            let mut acknowledged: u64 = value(&store, writer).await.unwrap().unwrap().parse().unwrap();
            let store = store.clone();
            writers.spawn(async move {
                while put(&store, writer, &(acknowledged + 1).to_string()).await.is_ok() {
                    acknowledged += 1;
                }
                (writer, acknowledged)
            });
        }
        tokio::time::sleep(Duration::from_millis(20 + round % 10 * 13)).await;
        server.kill();
        let acknowledged = writers.join_all().await;
        server.restart();
        recovered(&store).await;
        for (writer, n) in acknowledged {
            let kept: u64 = value(&store, writer).await.unwrap().unwrap().parse().unwrap();
            assert!(kept == n || kept == n + 1, "round {round}: {n} was acknowledged, {kept} is there");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lock_is_renewed_while_it_is_held_and_runs_out_when_its_holder_dies() {
    let server = Server::start(&[]);
    let store = server.store().await;
    let lease = [b"twinjar:k:".as_slice(), key(1).as_bytes()].concat();
    let held = store.lock(&key(1)).await.unwrap();
    tokio::time::sleep(Duration::from_secs(4)).await;
    let left: u64 = server.command(redis::cmd("PTTL").arg(&lease)).await;
    assert!(left > 7_000, "{left} ms are left of a lease that should have been renewed");
    drop(held);

    // Of a server that has died: nobody renews it.
    drop(store.lock(&key(1)).await.unwrap());
    tokio::time::sleep(Duration::from_millis(100)).await;
    let _: String = server.command(redis::cmd("SET").arg(&lease).arg("another").arg("PX").arg(500)).await;
    let start = Instant::now();
    let lock = tokio::time::timeout(Duration::from_secs(10), store.lock(&key(1))).await;
    drop(lock.expect("the lease has run out").unwrap());
    assert!(start.elapsed() > Duration::from_millis(300), "the lock was given to two");
}
