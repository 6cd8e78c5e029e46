//! The contract, through one store and through two on one file.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use super::fixture::{LIFE, Place, create, done, key, now, put, rotate, value};
use crate::store::{
    Commit, Committed, Loaded, MAX_ALIASES, Record, Rotation, SessionStore, SqliteStore, StoreFuture,
    StoreLock, Synchronous, Touch, UserId, conformance,
};
use crate::{StoreKey, UnixMillis};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn it_is_kept() {
    conformance::check(|| async { OnePlace::new(1, Synchronous::Full) }).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn it_is_kept_by_two_stores_on_one_file() {
    conformance::check(|| async { OnePlace::new(2, Synchronous::Normal) }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sessions_survive_the_store() {
    let place = Place::new();
    {
        let store = place.open();
        assert!(create(&store, 1).await.unwrap());
        done(&put(&store, 1, "1").await);
        rotate(&store, 1, 2).await;
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
    rotate(&store, 0, 10_000).await;
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
    assert!(create(&store, 0).await.unwrap());
    let rotations = MAX_ALIASES as u64 + 10;
    for number in 0..rotations {
        rotate(&store, number, number + 1).await;
    }
    assert_eq!(store.load(&key(9), now()).await.unwrap(), None);
    assert!(matches!(store.load(&key(10), now()).await.unwrap(), Some(Loaded::Alias(_))));
    assert!(store.delete(&key(10), now()).await.unwrap());
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

/// Several stores on one file; each operation goes to the next of them.
struct OnePlace {
    stores: Vec<SqliteStore>,
    next: AtomicUsize,
    _place: Place,
}

impl OnePlace {
    fn new(stores: usize, synchronous: Synchronous) -> Self {
        let place = Place::new();
        let open = || SqliteStore::builder().synchronous(synchronous).open(place.file()).unwrap();
        Self { stores: (0..stores).map(|_| open()).collect(), next: AtomicUsize::new(0), _place: place }
    }

    fn next(&self) -> &SqliteStore {
        &self.stores[self.next.fetch_add(1, Ordering::Relaxed) % self.stores.len()]
    }
}

impl SessionStore for OnePlace {
    fn create<'a>(&'a self, key: &'a StoreKey, record: Record, now: UnixMillis) -> StoreFuture<'a, bool> {
        self.next().create(key, record, now)
    }

    fn load<'a>(&'a self, key: &'a StoreKey, now: UnixMillis) -> StoreFuture<'a, Option<Loaded>> {
        self.next().load(key, now)
    }

    fn commit<'a>(
        &'a self,
        key: &'a StoreKey,
        commit: Commit<'a>,
        now: UnixMillis,
    ) -> StoreFuture<'a, Committed> {
        self.next().commit(key, commit, now)
    }

    fn touch<'a>(&'a self, key: &'a StoreKey, touch: Touch, now: UnixMillis) -> StoreFuture<'a, bool> {
        self.next().touch(key, touch, now)
    }

    fn rotate<'a>(
        &'a self,
        key: &'a StoreKey,
        rotation: Rotation,
        commit: Commit<'a>,
        now: UnixMillis,
    ) -> StoreFuture<'a, Committed> {
        self.next().rotate(key, rotation, commit, now)
    }

    fn confirm_rotation<'a>(&'a self, key: &'a StoreKey, retire_at: UnixMillis) -> StoreFuture<'a, ()> {
        self.next().confirm_rotation(key, retire_at)
    }

    fn delete<'a>(&'a self, key: &'a StoreKey, now: UnixMillis) -> StoreFuture<'a, bool> {
        self.next().delete(key, now)
    }

    fn list<'a>(
        &'a self,
        user: &'a UserId,
        now: UnixMillis,
    ) -> StoreFuture<'a, Vec<(StoreKey, Arc<Record>)>> {
        self.next().list(user, now)
    }

    fn delete_all_of<'a>(
        &'a self,
        user: &'a UserId,
        except: Option<&'a StoreKey>,
        now: UnixMillis,
    ) -> StoreFuture<'a, u64> {
        self.next().delete_all_of(user, except, now)
    }

    fn lock<'a>(&'a self, key: &'a StoreKey) -> StoreFuture<'a, StoreLock> {
        self.next().lock(key)
    }

    fn sweep(&self, now: UnixMillis) -> StoreFuture<'_, u64> {
        self.next().sweep(now)
    }

    fn ping(&self) -> StoreFuture<'_, ()> {
        self.next().ping()
    }
}
