//! A store behind an `Arc` is a store.

use std::sync::Arc;

use super::{
    Commit, Committed, Loaded, Located, News, Record, Rotation, SessionStore, StoreFuture, StoreLock, Touch,
    UserId,
};
use crate::{Handle, StoreKey, UnixMillis};

impl<S: SessionStore + ?Sized> SessionStore for Arc<S> {
    fn create<'a>(
        &'a self,
        key: &'a StoreKey,
        record: Arc<Record>,
        now: UnixMillis,
    ) -> StoreFuture<'a, bool> {
        (**self).create(key, record, now)
    }

    fn load<'a>(&'a self, key: &'a StoreKey, now: UnixMillis) -> StoreFuture<'a, Option<Loaded>> {
        (**self).load(key, now)
    }

    fn peek(&self, key: &StoreKey, now: UnixMillis) -> Option<Arc<Record>> {
        (**self).peek(key, now)
    }

    fn commit<'a>(
        &'a self,
        key: &'a StoreKey,
        commit: Commit<'a>,
        now: UnixMillis,
    ) -> StoreFuture<'a, Committed> {
        (**self).commit(key, commit, now)
    }

    fn touch<'a>(&'a self, key: &'a StoreKey, touch: Touch, now: UnixMillis) -> StoreFuture<'a, bool> {
        (**self).touch(key, touch, now)
    }

    fn rotate<'a>(
        &'a self,
        key: &'a StoreKey,
        rotation: Rotation,
        commit: Commit<'a>,
        now: UnixMillis,
    ) -> StoreFuture<'a, Committed> {
        (**self).rotate(key, rotation, commit, now)
    }

    fn can_rotate(&self, from: &StoreKey, to: &StoreKey) -> bool {
        (**self).can_rotate(from, to)
    }

    fn confirm_rotation<'a>(&'a self, key: &'a StoreKey, retire_at: UnixMillis) -> StoreFuture<'a, ()> {
        (**self).confirm_rotation(key, retire_at)
    }

    fn delete<'a>(&'a self, key: &'a StoreKey, now: UnixMillis) -> StoreFuture<'a, bool> {
        (**self).delete(key, now)
    }

    fn list<'a>(
        &'a self,
        user: &'a UserId,
        now: UnixMillis,
    ) -> StoreFuture<'a, Vec<(StoreKey, Arc<Record>)>> {
        (**self).list(user, now)
    }

    fn delete_all_of<'a>(
        &'a self,
        user: &'a UserId,
        except: Option<&'a StoreKey>,
        now: UnixMillis,
    ) -> StoreFuture<'a, u64> {
        (**self).delete_all_of(user, except, now)
    }

    fn lock<'a>(&'a self, key: &'a StoreKey) -> StoreFuture<'a, StoreLock> {
        (**self).lock(key)
    }

    fn sweep(&self, now: UnixMillis) -> StoreFuture<'_, u64> {
        (**self).sweep(now)
    }

    fn sweep_and_tell<'a>(
        &'a self,
        now: UnixMillis,
        ended: &'a (dyn Fn(Handle) + Send + Sync),
    ) -> StoreFuture<'a, u64> {
        (**self).sweep_and_tell(now, ended)
    }

    fn news(&self) -> Option<&News> {
        (**self).news()
    }

    fn locate<'a>(&'a self, key: &'a StoreKey, handle: Handle, now: UnixMillis) -> StoreFuture<'a, Located> {
        (**self).locate(key, handle, now)
    }

    fn recall(&self, key: &StoreKey) -> Option<Arc<Record>> {
        (**self).recall(key)
    }

    fn answers_at_once(&self) -> bool {
        (**self).answers_at_once()
    }

    fn ping(&self) -> StoreFuture<'_, ()> {
        (**self).ping()
    }
}
