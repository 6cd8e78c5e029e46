//! Several processes on one file, and processes that are killed.

use std::sync::Arc;
use std::time::Duration;

use super::other::{Other, role};
use super::place::Place;
use crate::store::test_support::{self, create, done, key, now, put, value};
use crate::store::{Committed, SessionStore, SqliteStore, Synchronous};

const WRITERS: u64 = 8;

/// Sessions 0 to 7: each writer counts up in its own, and says so after each acknowledgement.
async fn write_for_ever(store: SqliteStore) {
    let mut writers = tokio::task::JoinSet::new();
    for writer in 0..WRITERS {
        let store = store.clone();
        writers.spawn(async move {
            let start: u64 = value(&store, writer).await.unwrap().map_or(0, |n| n.parse().unwrap());
            for n in start + 1.. {
                let outcome = put(&store, writer, &n.to_string()).await.unwrap();
                assert!(matches!(outcome, Committed::Done(_)));
                println!("acknowledged {writer} {n}");
            }
        });
    }
    writers.join_all().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_kill_loses_nothing_that_was_acknowledged() {
    if let Some(store) = role() {
        return write_for_ever(store).await;
    }
    let rounds: u64 = std::env::var("TWINJAR_KILL_ROUNDS").map_or(10, |rounds| rounds.parse().unwrap());
    let place = Place::new();
    let store = place.open();
    for writer in 0..WRITERS {
        assert!(create(&store, writer).await.unwrap());
    }
    drop(store);
    let mut acknowledged = [0_u64; WRITERS as usize];
    for round in 0..rounds {
        let mut other = Other::start(module_path!(), "a_kill_loses_nothing_that_was_acknowledged", &place);
        let mut lines = other.lines();
        // From the first acknowledgement on, for a time that differs from round to round.
        let mut note = |line: String| {
            // The last one: the name of the test is printed too, and before the first line.
            let mut words = line.rsplit_once("acknowledged ")?.1.split(' ');
            let (writer, n): (usize, u64) = (words.next()?.parse().ok()?, words.next()?.parse().ok()?);
            acknowledged[writer] = n;
            Some(())
        };
        lines.by_ref().find_map(&mut note).expect("the writers write");
        std::thread::sleep(Duration::from_millis(20 + round % 10 * 17));
        other.kill();
        lines.filter_map(note).for_each(drop);
        let store = place.open();
        for (writer, last) in (0..).zip(&mut acknowledged) {
            let n = *last;
            let kept: u64 = value(&store, writer).await.unwrap().unwrap().parse().unwrap();
            assert!(kept >= n, "round {round}: {n} was acknowledged, {kept} is there");
            assert!(kept <= n + 1, "round {round}: {kept} is there, which nobody has asked for");
            // The next round counts on from what is there.
            *last = kept;
        }
    }
    let total: u64 = acknowledged.iter().sum();
    assert!(total >= rounds, "only {total} writes were acknowledged");
    let ok: String = place.sqlite().query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(ok, "ok");
}

const INCREMENTS: u64 = 200;

/// Half by revision, half under the lock with get and insert.
async fn increment(store: SqliteStore) {
    let mut tasks = tokio::task::JoinSet::new();
    for task in 0..8 {
        let store = store.clone();
        tasks.spawn(async move {
            for _ in 0..INCREMENTS / 8 {
                if task % 2 == 0 {
                    test_support::increment(&store, 1).await;
                } else {
                    let _lock = store.lock(&key(2)).await.unwrap();
                    let n: u64 = value(&store, 2).await.unwrap().unwrap().parse().unwrap();
                    tokio::task::yield_now().await;
                    done(&put(&store, 2, &(n + 1).to_string()).await);
                }
            }
        });
    }
    tasks.join_all().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_processes_lose_no_update() {
    if let Some(store) = role() {
        return increment(store).await;
    }
    let place = Place::new();
    let store = place.open();
    for session in [1, 2] {
        assert!(create(&store, session).await.unwrap());
    }
    let other = Other::start(module_path!(), "two_processes_lose_no_update", &place);
    increment(store.clone()).await;
    other.succeed();
    let half = INCREMENTS / 2;
    for (session, how) in [(1, "by revision"), (2, "under the lock")] {
        assert_eq!(value(&store, session).await.unwrap(), Some((2 * half).to_string()), "{how}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_processes_may_open_a_new_file_at_once() {
    if let Some(store) = role() {
        assert!(create(&store, u64::from(std::process::id())).await.unwrap());
        return;
    }
    for _ in 0..5 {
        let place = Place::new();
        let others: Vec<_> = (0..4)
            .map(|_| Other::start(module_path!(), "two_processes_may_open_a_new_file_at_once", &place))
            .collect();
        others.into_iter().for_each(Other::succeed);
        assert_eq!(place.count("sessions"), 4);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_session_that_another_process_ends_is_gone_here() {
    if let Some(store) = role() {
        assert!(store.delete(&key(1), now()).await.unwrap());
        return;
    }
    let place = Place::new();
    let store = Arc::new(place.open());
    assert!(create(&store, 1).await.unwrap());
    assert!(value(&store, 1).await.unwrap().is_some());
    Other::start(module_path!(), "a_session_that_another_process_ends_is_gone_here", &place).succeed();
    assert_eq!(value(&store, 1).await.unwrap(), None);
    assert_eq!(put(&store, 1, "1").await.unwrap(), Committed::Gone);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_killed_process_holds_no_lock() {
    if let Some(store) = role() {
        let _lock = store.lock(&key(1)).await.unwrap();
        println!("locked");
        return std::future::pending().await;
    }
    let place = Place::new();
    let store = SqliteStore::builder().synchronous(Synchronous::Normal).open(place.file()).unwrap();
    let mut other = Other::start(module_path!(), "a_killed_process_holds_no_lock", &place);
    assert!(other.lines().any(|line| line.contains("locked")));
    let waiting = tokio::spawn({
        let store = store.clone();
        async move { store.lock(&key(1)).await }
    });
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert!(!waiting.is_finished(), "the lock is given to two processes");
    other.kill();
    let lock = tokio::time::timeout(Duration::from_secs(5), waiting).await.expect("released by the kill");
    drop(lock.unwrap().unwrap());

    // A lock file of a killed process is removed when the store is opened again.
    let mut other = Other::start(module_path!(), "a_killed_process_holds_no_lock", &place);
    assert!(other.lines().any(|line| line.contains("locked")));
    other.kill();
    let left_over = || std::fs::read_dir(place.directory().join("sessions.sqlite-locks")).unwrap().count();
    assert_eq!(left_over(), 1);
    drop(place.open());
    assert_eq!(left_over(), 0);
}
