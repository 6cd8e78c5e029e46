//! Several stores that share their sessions, as several servers would use them.

use std::any::Any;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::store::{
    Commit, Committed, Loaded, Record, Rotation, SessionStore, StoreFuture, StoreLock, Touch, UserId,
};
use crate::{StoreKey, UnixMillis};

/// Hands each operation to the next of its stores.
pub(in crate::store) struct RoundRobin<S> {
    stores: Vec<S>,
    next: AtomicUsize,
    _place: Box<dyn Any + Send + Sync>,
}

impl<S> RoundRobin<S> {
    /// Keeps the place where the sessions are until the last of the stores is dropped.
    pub(in crate::store) fn new(stores: Vec<S>, place: impl Any + Send + Sync) -> Self {
        Self { stores, next: AtomicUsize::new(0), _place: Box::new(place) }
    }

    fn next(&self) -> &S {
        &self.stores[self.next.fetch_add(1, Ordering::Relaxed) % self.stores.len()]
    }
}

impl<S: SessionStore> SessionStore for RoundRobin<S> {
    fn create<'a>(
        &'a self,
        key: &'a StoreKey,
        record: Arc<Record>,
        now: UnixMillis,
    ) -> StoreFuture<'a, bool> {
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

    fn can_rotate(&self, from: &StoreKey, to: &StoreKey) -> bool {
        self.next().can_rotate(from, to)
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
