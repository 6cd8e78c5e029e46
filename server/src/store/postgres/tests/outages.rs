//! A server that stops, comes back, or is killed under writers.

use std::time::{Duration, Instant};

use rustix::process::Signal;

use super::server::Postgres;
use super::{address, connect};
use crate::UnixMillis;
use crate::store::test_support::{change, create, done, key, kind, now, put, set, value};
use crate::store::{
    Commit, Committed, JsonText, Patch, PostgresStore, Rotation, SessionStore, StoreErrorKind,
};

const SHORT: Duration = Duration::from_millis(1_500);

/// Until the store works again.
async fn recovered(store: &PostgresStore) {
    let start = Instant::now();
    while store.ping().await.is_err() {
        assert!(start.elapsed() < Duration::from_secs(30), "the store does not recover");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

async fn impatient(server: &Postgres) -> PostgresStore {
    PostgresStore::builder().timeout(SHORT).connect(address(server)).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_stands_still_is_not_waited_for() {
    let server = Postgres::start(&[]);
    let store = impatient(&server).await;
    assert!(create(&store, 1).await.unwrap());
    drop(store.lock(&key(1)).await.unwrap());
    server.signal(Signal::STOP);
    let start = Instant::now();
    assert_eq!(kind(value(&store, 1).await), StoreErrorKind::Unavailable);
    assert_eq!(kind(put(&store, 1, "1").await), StoreErrorKind::Unavailable);
    assert_eq!(kind(store.lock(&key(2)).await), StoreErrorKind::Unavailable);
    assert_eq!(kind(store.ping().await), StoreErrorKind::Unavailable);
    assert!(start.elapsed() < SHORT * 12, "{:?}", start.elapsed());
    server.signal(Signal::CONT);
    recovered(&store).await;
    done(&put(&store, 1, "2").await);
    assert_eq!(value(&store, 1).await.unwrap().as_deref(), Some("2"));
    drop(tokio::time::timeout(Duration::from_secs(20), store.lock(&key(2))).await.unwrap().unwrap());
}

/// As after a failover to a replica that lacked the last commits, or a restore.
#[tokio::test(flavor = "multi_thread")]
async fn what_was_seen_of_commits_that_are_lost_replaces_no_others() {
    let server = Postgres::start(&[]);
    let (here, there) = (connect(&server).await, connect(&server).await);
    let (client, connection) = tokio_postgres::connect(&server.url(), tokio_postgres::NoTls).await.unwrap();
    tokio::spawn(connection);
    for (number, rotates) in [(1, false), (2, true)] {
        assert!(create(&here, number).await.unwrap());
        done(&put(&here, number, "1").await);
        let back =
            "UPDATE twinjar.sessions SET revision = 1, data = convert_to('{\"n\":0}', 'UTF8') WHERE key = $1";
        client.execute(back, &[&&key(number).as_bytes()[..]]).await.unwrap();
        let mut patch = Patch::default();
        patch.set("x", JsonText::of(&2).unwrap());
        done(&there.commit(&key(number), change(&patch), now()).await);

        let recalled = here.recall(&key(number)).unwrap();
        assert_eq!((recalled.revision, recalled.data.get("n")), (2, Some("1")), "it has seen what is lost");
        let (patch, rotation) = (set("2"), Rotation { to: key(number + 10), alias: None });
        let expecting = Commit { expected: Some(2), ..change(&patch) };
        let stale = match rotates {
            false => here.commit(&key(number), expecting, now()).await,
            true => here.rotate(&key(number), rotation, expecting, now()).await,
        };
        assert_eq!(stale.unwrap(), Committed::Conflict, "rotates: {rotates}");
        // Lost again, for this server has seen the others' by now.
        done(&put(&here, number, "3").await);
        client.execute(back, &[&&key(number).as_bytes()[..]]).await.unwrap();
        let patch = set("2");
        let merged = match rotates {
            false => here.commit(&key(number), change(&patch), now()).await,
            true => here.rotate(&key(number), rotation, change(&patch), now()).await,
        };
        let Committed::Done(record) = merged.unwrap() else { panic!("a commit that expects nothing") };
        assert_eq!((record.data.as_str(), record.revision), (r#"{"n":2}"#, 2), "rotates: {rotates}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_that_somebody_holds_is_not_waited_for() {
    let server = Postgres::start(&[]);
    let store = impatient(&server).await;
    assert!(create(&store, 1).await.unwrap());
    let (client, connection) = tokio_postgres::connect(&server.url(), tokio_postgres::NoTls).await.unwrap();
    tokio::spawn(connection);
    client.batch_execute("BEGIN; SELECT FROM twinjar.sessions FOR UPDATE").await.unwrap();
    let start = Instant::now();
    assert_eq!(kind(put(&store, 1, "1").await), StoreErrorKind::Unavailable);
    assert!(start.elapsed() < SHORT * 4, "{:?}", start.elapsed());
    // Nobody waits to read.
    assert_eq!(value(&store, 1).await.unwrap().as_deref(), Some("0"));
    assert_eq!(store.sweep(UnixMillis::MAX).await.unwrap(), 0);
    client.batch_execute("COMMIT").await.unwrap();
    // The server has given up as well: nothing is written late.
    assert_eq!(value(&store, 1).await.unwrap().as_deref(), Some("0"));
    done(&put(&store, 1, "2").await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_comes_back_is_used_again() {
    let mut server = Postgres::start(&[]);
    let store = connect(&server).await;
    assert!(create(&store, 1).await.unwrap());
    let lock = store.lock(&key(1)).await.unwrap();
    server.kill();
    assert_eq!(kind(put(&store, 1, "1").await), StoreErrorKind::Unavailable);
    assert_eq!(kind(value(&store, 1).await), StoreErrorKind::Unavailable);
    server.restart();
    recovered(&store).await;
    done(&put(&store, 1, "2").await);
    assert_eq!(value(&store, 1).await.unwrap().as_deref(), Some("2"));
    drop(lock);
    drop(tokio::time::timeout(Duration::from_secs(20), store.lock(&key(1))).await.unwrap().unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_that_an_operator_ends_are_made_again() {
    let server = Postgres::start(&[]);
    let store = connect(&server).await;
    assert!(create(&store, 1).await.unwrap());
    for n in 1..=5 {
        let ended = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = 'twinjar'";
        assert_ne!(server.sql(ended), "0");
        recovered(&store).await;
        done(&put(&store, 1, &n.to_string()).await);
    }
    assert_eq!(value(&store, 1).await.unwrap().as_deref(), Some("5"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_killed_server_loses_nothing_that_was_acknowledged() {
    const WRITERS: u64 = 8;
    let rounds: u64 = std::env::var("TWINJAR_KILL_ROUNDS").map_or(3, |rounds| rounds.parse().unwrap());
    let mut server = Postgres::start(&[]);
    let store = connect(&server).await;
    for writer in 0..WRITERS {
        assert!(create(&store, writer).await.unwrap());
    }
    let mut total = 0;
    for round in 0..rounds {
        let mut writers = tokio::task::JoinSet::new();
        for writer in 0..WRITERS {
            let store = store.clone();
            // Before the writers run: the server may be gone by the time that the last one begins.
            let before: u64 = value(&store, writer).await.unwrap().unwrap().parse().unwrap();
            writers.spawn(async move {
                let mut acknowledged = before;
                while put(&store, writer, &(acknowledged + 1).to_string()).await.is_ok() {
                    acknowledged += 1;
                }
                (writer, acknowledged, acknowledged - before)
            });
        }
        tokio::time::sleep(Duration::from_millis(50 + round % 10 * 23)).await;
        server.kill();
        let acknowledged = writers.join_all().await;
        server.restart();
        recovered(&store).await;
        for (writer, n, written) in acknowledged {
            total += written;
            let kept: u64 = value(&store, writer).await.unwrap().unwrap().parse().unwrap();
            assert!(kept == n || kept == n + 1, "round {round}: {n} was acknowledged, {kept} is there");
        }
    }
    assert!(total >= rounds, "only {total} writes were acknowledged");
    println!("{rounds} kills, {total} acknowledged writes, 0 missing");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lock_ends_with_the_connection_that_holds_it() {
    let server = Postgres::start(&[]);
    let [here, there] = [connect(&server).await, connect(&server).await];
    let key = key(1);
    let held = there.lock(&key).await.unwrap();
    let attempt = tokio::time::timeout(Duration::from_millis(200), here.lock(&key)).await;
    assert!(attempt.is_err(), "the lock was given to two");
    // As when the other process is killed: its connections end.
    let holders = "SELECT pid FROM pg_locks WHERE locktype = 'advisory'";
    let _ = server.sql(&format!("SELECT pg_terminate_backend(pid) FROM ({holders}) AS holders"));
    drop(tokio::time::timeout(Duration::from_secs(20), here.lock(&key)).await.unwrap().unwrap());
    drop(held);
}
