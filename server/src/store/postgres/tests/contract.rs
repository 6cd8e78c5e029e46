//! The contract, through one store and through two on one database; and what the tables are left with.

use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicU64, Ordering};

use super::super::migrations::MIGRATIONS;
use super::server::Postgres;
use super::{address, connect};
use crate::UnixMillis;
use crate::store::test_support::{
    LIFE, RoundRobin, change, create, done, increment, key, now, outlive_aliases, put, rotate, set, value,
};
use crate::store::{Committed, Loaded, Patch, PostgresStore, SessionStore, StoreErrorKind, conformance};

/// Nothing of what is tested here depends on the disk.
const FAST: &[&str] = &["fsync=off"];

/// Each call of the suite gets a schema of its own, shared by several stores.
async fn check(stores: usize) {
    let server = Postgres::start(FAST);
    let next = AtomicU64::new(0);
    conformance::check(|| async {
        let schema = format!("case \"{}\"", next.fetch_add(1, Ordering::Relaxed));
        let mut shared = Vec::new();
        for _ in 0..stores {
            let builder = PostgresStore::builder().schema(schema.as_str());
            let connections = const { NonZeroUsize::new(8).unwrap() };
            shared.push(builder.connections(connections).connect(address(&server)).await.unwrap());
        }
        RoundRobin::new(shared, ())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn it_is_kept() {
    check(1).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn it_is_kept_by_two_stores_on_one_database() {
    check(2).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_servers_lose_no_update() {
    const EACH: usize = 100;
    let server = Postgres::start(FAST);
    let stores = [connect(&server).await, connect(&server).await];
    for number in [1, 2, 3] {
        assert!(create(&stores[0], number).await.unwrap());
    }
    let mut tasks = tokio::task::JoinSet::new();
    for (index, store) in stores.iter().cycle().take(8).enumerate() {
        let store = store.clone();
        tasks.spawn(async move {
            for _ in 0..EACH / 4 {
                increment(&store, 1).await;
                let _lock = store.lock(&key(2)).await.unwrap();
                let n: usize = value(&store, 2).await.unwrap().unwrap().parse().unwrap();
                tokio::task::yield_now().await;
                done(&put(&store, 2, &(n + 1).to_string()).await);
                // However many come first, a commit without an expectation is stored.
                let mut own = Patch::default();
                own.set(&format!("writer {index}"), serde_json::value::to_raw_value(&true).unwrap());
                done(&store.commit(&key(3), change(&own), now()).await);
            }
        });
    }
    tasks.join_all().await;
    for (number, how) in [(1, "by revision"), (2, "under the lock")] {
        assert_eq!(value(&stores[0], number).await.unwrap(), Some((2 * EACH).to_string()), "{how}");
    }
    let Some(Loaded::Live { record, .. }) = stores[0].load(&key(3), now()).await.unwrap() else {
        panic!("lost")
    };
    assert_eq!(record.revision, 1 + 2 * EACH as u64);
    assert!((0..8).all(|writer| record.data.get(&format!("writer {writer}")) == Some("true")));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn servers_that_start_together_make_the_tables_once() {
    let server = Postgres::start(FAST);
    let starting: Vec<_> = (0..8).map(|_| tokio::spawn(PostgresStore::connect(address(&server)))).collect();
    for store in starting {
        store.await.unwrap().unwrap().ping().await.unwrap();
    }
    let made = server.sql("SELECT count(*) FROM twinjar.migrations");
    assert_eq!(made, MIGRATIONS.len().to_string());
}

#[tokio::test(flavor = "multi_thread")]
async fn another_schema_is_another_store() {
    let server = Postgres::start(FAST);
    let [here, there] = [connect(&server).await, {
        PostgresStore::builder().schema("it's \"another\"").connect(address(&server)).await.unwrap()
    }];
    assert!(create(&here, 1).await.unwrap());
    assert_eq!(value(&there, 1).await.unwrap(), None);
    let _lock = here.lock(&key(1)).await.unwrap();
    drop(there.lock(&key(1)).await.unwrap());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn servers_share_the_sweep() {
    let server = Postgres::start(FAST);
    let stores = [connect(&server).await, connect(&server).await];
    let mut creations = tokio::task::JoinSet::new();
    for number in 0..3_000 {
        let store = stores[0].clone();
        creations.spawn(async move { create(&store, number).await.unwrap() });
    }
    assert!(creations.join_all().await.into_iter().all(|created| created));
    done(&rotate(&stores[0], 0, 10_000).await);
    assert_eq!(stores[0].sweep(now()).await.unwrap(), 0);
    // One that another server holds at the moment is left to it, and nobody waits.
    let later = now() + LIFE * 2;
    let (one, two) = tokio::join!(stores[0].sweep(later), stores[1].sweep(later));
    let rest = stores[0].sweep(later).await.unwrap();
    assert_eq!(one.unwrap() + two.unwrap() + rest, 3_000);
    assert_eq!(
        server.sql("SELECT (SELECT count(*) FROM twinjar.sessions), count(*) FROM twinjar.aliases"),
        "0|0"
    );
    assert_eq!(stores[1].load(&key(1), UnixMillis::new(0)).await.unwrap(), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn old_aliases_make_room_for_new_ones() {
    let server = Postgres::start(FAST);
    let store = connect(&server).await;
    outlive_aliases(&store).await;
    assert_eq!(server.sql("SELECT count(*) FROM twinjar.aliases"), "0");
}

#[tokio::test(flavor = "multi_thread")]
async fn writes_of_a_session_need_no_new_index_entries() {
    let server = Postgres::start(FAST);
    let store = connect(&server).await;
    assert!(create(&store, 1).await.unwrap());
    for n in 0..100 {
        done(&put(&store, 1, &n.to_string()).await);
    }
    // What a backend has counted is told when it has nothing to do.
    drop(store);
    let hot = || server.sql("SELECT n_tup_hot_upd FROM pg_stat_user_tables WHERE relname = 'sessions'");
    let give_up = std::time::Instant::now() + std::time::Duration::from_secs(20);
    // All but those that found their page full, or the clock at one of the deadline's steps.
    while hot().parse::<u64>().unwrap() < 95 {
        assert!(std::time::Instant::now() < give_up, "{} of 100", hot());
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_a_record_is_reported_and_kept() {
    let server = Postgres::start(FAST);
    let store = connect(&server).await;
    assert!(create(&store, 1).await.unwrap());
    for (column, value) in
        [("data", "'[]'"), ("data", "'\\xff'"), ("handle", "'short'"), ("user_name", "'\\xff'")]
    {
        let _ = server.sql(&format!("UPDATE twinjar.sessions SET {column} = {value}"));
        let error = store.load(&key(1), now()).await.unwrap_err();
        assert_eq!(error.kind(), StoreErrorKind::Corrupt, "{column} = {value}");
    }
    assert_eq!(server.sql("SELECT handle FROM twinjar.sessions"), "short");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_another_server_changed_is_changed_from_there() {
    let server = Postgres::start(FAST);
    let [here, there] = [connect(&server).await, connect(&server).await];
    assert!(create(&here, 1).await.unwrap());
    assert_eq!(value(&here, 1).await.unwrap().as_deref(), Some("0"));
    let mut other = Patch::default();
    other.set("theirs", serde_json::value::to_raw_value(&true).unwrap());
    done(&there.commit(&key(1), change(&other), now()).await);
    // Made from what this store has seen last, and again from what is there.
    done(&here.commit(&key(1), change(&set("1")), now()).await);
    let Some(Loaded::Live { record, .. }) = there.load(&key(1), now()).await.unwrap() else { panic!("lost") };
    assert_eq!((record.data.as_str(), record.revision), (r#"{"n":1,"theirs":true}"#, 3));
    assert!(there.delete(&key(1), now()).await.unwrap());
    assert_eq!(put(&here, 1, "2").await.unwrap(), Committed::Gone);
}
