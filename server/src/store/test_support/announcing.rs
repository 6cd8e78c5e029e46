//! A store in memory that several "servers" share, and that tells each of them what any of them changes.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use tokio::sync::Semaphore;

use crate::store::{
    Commit, Committed, Loaded, MemoryStore, News, Record, Rotation, SessionStore, StoreError, StoreFuture,
    StoreLock, Touch, UserId,
};
use crate::{StoreKey, UnixMillis};

/// More than a test asks for at once.
const ANSWERS: u32 = 1000;

/// Tells of a change before the one who made it gets the answer.
#[derive(Clone)]
pub(in crate::store) struct Announcing(Arc<Inner>);

struct Inner {
    store: MemoryStore,
    news: News,
    loads: AtomicUsize,
    /// Loads that have been made take one before they are answered.
    answers: Semaphore,
}

impl Announcing {
    pub(in crate::store) fn new() -> Self {
        let answers = Semaphore::new(ANSWERS as usize);
        let inner =
            Inner { store: MemoryStore::new(), news: News::new(), loads: AtomicUsize::new(0), answers };
        let store = Self(Arc::new(inner));
        store.speak();
        store
    }

    /// The channel speaks for an hour.
    pub(in crate::store) fn speak(&self) {
        self.0.news.heard_up_to(Instant::now() + Duration::from_secs(3600));
    }

    /// How often it has been asked for a session.
    pub(in crate::store) fn loads(&self) -> usize {
        self.0.loads.load(Ordering::SeqCst)
    }

    /// Withholds the answers to loads until the result is dropped.
    pub(in crate::store) fn withhold(&self) -> impl Drop + '_ {
        self.0.answers.try_acquire_many(ANSWERS).expect("nobody else withholds")
    }

    /// A change whose word is still on its way.
    pub(in crate::store) async fn commit_silently(
        &self,
        key: &StoreKey,
        commit: Commit<'_>,
    ) -> Result<Committed, StoreError> {
        self.0.store.commit(key, commit, commit.touch.seen_at).await
    }

    fn then_tell<'a, T: Send + 'a>(
        &'a self,
        keys: Vec<StoreKey>,
        made: StoreFuture<'a, T>,
    ) -> StoreFuture<'a, T> {
        StoreFuture::new(async move {
            let outcome = made.await;
            keys.iter().for_each(|key| self.0.news.changed(key));
            outcome
        })
    }

    /// What has been deleted may have stood under other keys.
    fn then_tell_all<'a, T: Send + 'a>(&'a self, made: StoreFuture<'a, T>) -> StoreFuture<'a, T> {
        StoreFuture::new(async move {
            let outcome = made.await;
            self.0.news.lost();
            self.speak();
            outcome
        })
    }
}

impl SessionStore for Announcing {
    fn create<'a>(
        &'a self,
        key: &'a StoreKey,
        record: Arc<Record>,
        now: UnixMillis,
    ) -> StoreFuture<'a, bool> {
        self.then_tell(vec![*key], self.0.store.create(key, record, now))
    }

    fn load<'a>(&'a self, key: &'a StoreKey, now: UnixMillis) -> StoreFuture<'a, Option<Loaded>> {
        StoreFuture::new(async move {
            self.0.loads.fetch_add(1, Ordering::SeqCst);
            let loaded = self.0.store.load(key, now).await;
            drop(self.0.answers.acquire().await);
            loaded
        })
    }

    fn commit<'a>(
        &'a self,
        key: &'a StoreKey,
        commit: Commit<'a>,
        now: UnixMillis,
    ) -> StoreFuture<'a, Committed> {
        self.then_tell(vec![*key], self.0.store.commit(key, commit, now))
    }

    fn touch<'a>(&'a self, key: &'a StoreKey, touch: Touch, now: UnixMillis) -> StoreFuture<'a, bool> {
        self.then_tell(vec![*key], self.0.store.touch(key, touch, now))
    }

    fn rotate<'a>(
        &'a self,
        key: &'a StoreKey,
        rotation: Rotation,
        commit: Commit<'a>,
        now: UnixMillis,
    ) -> StoreFuture<'a, Committed> {
        self.then_tell(vec![*key, rotation.to], self.0.store.rotate(key, rotation, commit, now))
    }

    fn confirm_rotation<'a>(&'a self, key: &'a StoreKey, retire_at: UnixMillis) -> StoreFuture<'a, ()> {
        self.then_tell(vec![*key], self.0.store.confirm_rotation(key, retire_at))
    }

    fn delete<'a>(&'a self, key: &'a StoreKey, now: UnixMillis) -> StoreFuture<'a, bool> {
        self.then_tell_all(self.0.store.delete(key, now))
    }

    fn list<'a>(
        &'a self,
        user: &'a UserId,
        now: UnixMillis,
    ) -> StoreFuture<'a, Vec<(StoreKey, Arc<Record>)>> {
        self.0.store.list(user, now)
    }

    fn delete_all_of<'a>(
        &'a self,
        user: &'a UserId,
        except: Option<&'a StoreKey>,
        now: UnixMillis,
    ) -> StoreFuture<'a, u64> {
        self.then_tell_all(self.0.store.delete_all_of(user, except, now))
    }

    fn lock<'a>(&'a self, key: &'a StoreKey) -> StoreFuture<'a, StoreLock> {
        self.0.store.lock(key)
    }

    fn sweep(&self, now: UnixMillis) -> StoreFuture<'_, u64> {
        self.0.store.sweep(now)
    }

    fn news(&self) -> Option<&News> {
        Some(&self.0.news)
    }

    fn ping(&self) -> StoreFuture<'_, ()> {
        self.0.store.ping()
    }
}
