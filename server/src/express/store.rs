//! What Express mode asks of a store.

use crate::express::ExpressId;
use crate::store::{StoreFuture, StoreLock};
use crate::{StoreKey, UnixMillis};
use std::sync::Arc;
use std::time::Duration;

/// A place where Express keeps its sessions, in the format of one of its stores.
///
/// Records are texts, which a store does not look into. Every operation is atomic for all that use the same place
/// through this trait; Express' own stores overwrite whatever is there.
pub trait ExpressStore: Send + Sync + 'static {
    /// The record of a session. One whose time is over is not there.
    fn get<'a>(&'a self, id: &'a ExpressId, now: UnixMillis) -> StoreFuture<'a, Option<String>>;

    /// The same, and how long the record lives if nobody touches it, so that one that was touched just now is not
    /// touched again. `None`: the store does not say. [`Duration::MAX`]: whatever [`touch`](Self::touch) does.
    fn get_with_life<'a>(
        &'a self,
        id: &'a ExpressId,
        now: UnixMillis,
    ) -> StoreFuture<'a, Option<(String, Option<Duration>)>> {
        StoreFuture::new(async move { Ok(self.get(id, now).await?.map(|record| (record, None))) })
    }

    /// Stores the record of a new session. `false`: the id is taken, and nothing has changed.
    fn create<'a>(&'a self, id: &'a ExpressId, record: &'a str, life: Life) -> StoreFuture<'a, bool>;

    /// Replaces the record if it still is the one expected; ends the session where its life is over by then.
    fn replace<'a>(
        &'a self,
        id: &'a ExpressId,
        expected: &'a str,
        record: &'a str,
        life: Life,
    ) -> StoreFuture<'a, Replaced>;

    /// Does the same, and moves the session to another id in the same step.
    fn rename<'a>(
        &'a self,
        id: &'a ExpressId,
        to: &'a ExpressId,
        expected: &'a str,
        record: &'a str,
        life: Life,
    ) -> StoreFuture<'a, Replaced>;

    /// Postpones the end of a session without looking at its record. `false`: the session is not there, and stays so.
    fn touch<'a>(&'a self, id: &'a ExpressId, life: Life) -> StoreFuture<'a, bool>;

    /// Ends a session. `false`: there was none.
    fn delete<'a>(&'a self, id: &'a ExpressId) -> StoreFuture<'a, bool>;

    /// Waits until no other holder has the key's lock, also in other processes. Released on drop.
    fn lock<'a>(&'a self, key: &'a StoreKey) -> StoreFuture<'a, StoreLock>;

    /// How long a session lives whose cookie has no end.
    fn default_life(&self) -> Duration;

    /// Whether the store can do its work at this moment.
    fn ping(&self) -> StoreFuture<'_, ()>;
}

/// How long a record lives from now on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Life {
    /// The time by the layer's clock.
    pub now: UnixMillis,
    /// When the cookie ends; `None`: with the browser.
    pub expires_at: Option<UnixMillis>,
}

/// How a [`replace`](ExpressStore::replace) ended.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "what met another record has stored nothing"]
pub enum Replaced {
    /// It is stored.
    Done,
    /// The session is not there (any more); nothing is stored, and nothing brought back.
    Gone,
    /// Another record is there by now; nothing is stored.
    Other(String),
    /// The new id is taken; nothing is stored.
    Taken,
}

impl<S: ExpressStore + ?Sized> ExpressStore for Arc<S> {
    fn get<'a>(&'a self, id: &'a ExpressId, now: UnixMillis) -> StoreFuture<'a, Option<String>> {
        (**self).get(id, now)
    }

    fn get_with_life<'a>(
        &'a self,
        id: &'a ExpressId,
        now: UnixMillis,
    ) -> StoreFuture<'a, Option<(String, Option<Duration>)>> {
        (**self).get_with_life(id, now)
    }

    fn create<'a>(&'a self, id: &'a ExpressId, record: &'a str, life: Life) -> StoreFuture<'a, bool> {
        (**self).create(id, record, life)
    }

    fn replace<'a>(
        &'a self,
        id: &'a ExpressId,
        expected: &'a str,
        record: &'a str,
        life: Life,
    ) -> StoreFuture<'a, Replaced> {
        (**self).replace(id, expected, record, life)
    }

    fn rename<'a>(
        &'a self,
        id: &'a ExpressId,
        to: &'a ExpressId,
        expected: &'a str,
        record: &'a str,
        life: Life,
    ) -> StoreFuture<'a, Replaced> {
        (**self).rename(id, to, expected, record, life)
    }

    fn touch<'a>(&'a self, id: &'a ExpressId, life: Life) -> StoreFuture<'a, bool> {
        (**self).touch(id, life)
    }

    fn delete<'a>(&'a self, id: &'a ExpressId) -> StoreFuture<'a, bool> {
        (**self).delete(id)
    }

    fn lock<'a>(&'a self, key: &'a StoreKey) -> StoreFuture<'a, StoreLock> {
        (**self).lock(key)
    }

    fn default_life(&self) -> Duration {
        (**self).default_life()
    }

    fn ping(&self) -> StoreFuture<'_, ()> {
        (**self).ping()
    }
}
