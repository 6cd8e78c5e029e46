//! A server that stops, comes back, or is killed under writers.

use std::time::{Duration, Instant};

use rustix::process::Signal;

use super::server::{Server, name_of};
use crate::store::redis::record::unstamped;
use crate::store::test_support::{change, create, done, key, kind, now, put, set, value};
use crate::store::{
    Commit, Committed, JsonText, Patch, RedisStore, Rotation, SessionStore, StoreErrorKind, UserId,
};

const SHORT: Duration = Duration::from_secs(1);

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

/// As after a failover, or a restart without the last second.
#[tokio::test(flavor = "multi_thread")]
async fn what_was_seen_of_writes_that_redis_has_lost_replaces_no_others() {
    for rotates in [false, true] {
        let server = Server::start(&[]);
        let (here, there) = (server.store().await, server.store().await);
        let name = name_of(1);
        let stored = async || server.command::<Vec<u8>>(redis::cmd("GET").arg(&name)).await;
        assert!(create(&here, 1).await.unwrap());
        let kept = stored().await;
        done(&put(&here, 1, "1").await);
        let _: String = server.command(redis::cmd("SET").arg(&name).arg(&kept)).await;
        let mut patch = Patch::default();
        patch.set("x", JsonText::of(&2).unwrap());
        done(&there.commit(&key(1), change(&patch), now()).await);

        let recalled = here.recall(&key(1)).unwrap();
        assert_eq!((recalled.revision, recalled.data.get("n")), (2, Some("1")), "it has seen what is lost");
        let patch = set("2");
        let expecting = Commit { expected: Some(2), ..change(&patch) };
        let stale = match rotates {
            false => here.commit(&key(1), expecting, now()).await,
            true => here.rotate(&key(1), rotation(2), expecting, now()).await,
        };
        assert_eq!(stale.unwrap(), Committed::Conflict, "rotates: {rotates}");
        let merged = match rotates {
            false => here.commit(&key(1), change(&patch), now()).await,
            true => here.rotate(&key(1), rotation(2), change(&patch), now()).await,
        };
        let Committed::Done(record) = merged.unwrap() else { panic!("a commit that expects nothing") };
        assert_eq!(record.data.as_str(), r#"{"n":2,"x":2}"#, "rotates: {rotates}");
    }
}

fn rotation(to: u64) -> Rotation {
    Rotation { to: key(to), alias: None }
}

#[tokio::test(flavor = "multi_thread")]
async fn records_of_the_layout_before_are_read_and_changed() {
    let server = Server::start(&[]);
    let store = server.store().await;
    for (number, rotates) in [(1, false), (2, true)] {
        let name = name_of(number);
        assert!(create(&store, number).await.unwrap());
        let stored: Vec<u8> = server.command(redis::cmd("GET").arg(&name)).await;
        let _: String = server.command(redis::cmd("SET").arg(&name).arg(unstamped(stored))).await;
        // Another server, which has seen nothing.
        let store = server.store().await;
        let patch = set("1");
        done(&match rotates {
            false => put(&store, number, "1").await,
            true => store.rotate(&key(number), rotation(number + 10), change(&patch), now()).await,
        });
        let now_at = if rotates { number + 10 } else { number };
        assert_eq!(value(&store, now_at).await.unwrap().as_deref(), Some("1"));
        assert!(store.touch(&key(now_at), change(&patch).touch, now()).await.unwrap());
    }
    assert_eq!(store.list(&UserId::new("alice"), now()).await.unwrap().len(), 2);
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
    let _: String = server.command(redis::cmd("SET").arg(&lease).arg("another").arg("PX").arg(2_000)).await;
    let start = Instant::now();
    let lock = tokio::time::timeout(Duration::from_secs(10), store.lock(&key(1))).await;
    drop(lock.expect("the lease has run out").unwrap());
    assert!(start.elapsed() > Duration::from_millis(300), "the lock was given to two");
}
