//! The contract, through one store and through two on one file.

use std::time::Duration;

use super::place::Place;
use crate::UnixMillis;
use crate::store::test_support::{
    LIFE, RoundRobin, create, done, key, now, outlive_aliases, put, rotate, value,
};
use crate::store::{Loaded, SessionStore, SqliteStore, Synchronous, conformance};

/// Several stores on one file of their own.
fn shared(stores: usize, synchronous: Synchronous) -> RoundRobin<SqliteStore> {
    let place = Place::new();
    let open = || SqliteStore::builder().synchronous(synchronous).open(place.file()).unwrap();
    RoundRobin::new((0..stores).map(|_| open()).collect(), place)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn it_is_kept() {
    conformance::check(|| async { shared(1, Synchronous::Full) }).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn it_is_kept_by_two_stores_on_one_file() {
    conformance::check(|| async { shared(2, Synchronous::Normal) }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sessions_survive_the_store() {
    let place = Place::new();
    {
        let store = place.open();
        assert!(create(&store, 1).await.unwrap());
        done(&put(&store, 1, "1").await);
        done(&rotate(&store, 1, 2).await);
    }
    let store = place.open();
    assert_eq!(value(&store, 2).await.unwrap().as_deref(), Some("1"));
    assert!(matches!(store.load(&key(1), now()).await.unwrap(), Some(Loaded::Alias(_))));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sweep_removes_all_that_is_due() {
    let place = Place::new();
    let store = SqliteStore::builder().synchronous(Synchronous::Normal).open(place.file()).unwrap();
    let creations: Vec<_> = (0..3_000)
        .map(|number| {
            let store = store.clone();
            tokio::spawn(async move { create(&store, number).await.unwrap() })
        })
        .collect();
    for creation in creations {
        assert!(creation.await.unwrap());
    }
    done(&rotate(&store, 0, 10_000).await);
    assert_eq!(store.sweep(now()).await.unwrap(), 0);
    assert_eq!(store.sweep(now() + LIFE * 2).await.unwrap(), 3_000, "in several transactions");
    assert_eq!((place.count("sessions"), place.count("aliases")), (0, 0));
    // By any clock, what has been swept is not there.
    assert_eq!(store.load(&key(1), UnixMillis::new(0)).await.unwrap(), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn old_aliases_make_room_for_new_ones() {
    let place = Place::new();
    let store = SqliteStore::builder().synchronous(Synchronous::Normal).open(place.file()).unwrap();
    outlive_aliases(&store).await;
    assert_eq!((place.count("sessions"), place.count("aliases")), (0, 0));
}

#[tokio::test]
async fn a_runtime_with_one_thread_is_enough() {
    let place = Place::new();
    let store = place.open();
    assert!(create(&store, 1).await.unwrap());
    assert_eq!(value(&store, 1).await.unwrap().as_deref(), Some("0"));
    drop(tokio::time::timeout(Duration::from_secs(5), store.lock(&key(1))).await.unwrap().unwrap());
    store.ping().await.unwrap();
}
