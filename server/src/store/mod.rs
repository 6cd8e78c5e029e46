//! Where sessions are kept: the contract between the session engine and a store, and the stores themselves.
//!
//! A store keeps records under a [`StoreKey`] until their deadline. It knows nothing of cookies, of secrets or
//! of expiry policy. What makes sessions safe under concurrency is that each operation is atomic:
//!
//! - [`create`](SessionStore::create) only inserts: it never replaces a record;
//! - [`commit`](SessionStore::commit) only changes a record that is there: it never brings one back, and merges
//!   key by key into what the record holds by then;
//! - [`delete`](SessionStore::delete) wins against everything that commits after it.

mod error;
mod future;
mod memory;
mod patch;
mod record;
mod shared;

use std::sync::Arc;

pub use error::{StoreError, StoreErrorKind};
pub use future::StoreFuture;
pub use memory::{MemoryLimits, MemoryStore};
pub use patch::Patch;
pub use record::{Identity, InvalidData, Meta, Record, Revision, SessionData, UserId};

use crate::{StoreKey, UnixMillis};

/// A place where sessions are kept. Every operation is atomic, also across processes that share the store.
///
/// A record whose deadline has passed is not there, whether or not it has been swept. `now` is the engine's
/// clock; stores with a clock of their own may expire by theirs as long as they never outlive the deadline.
pub trait SessionStore: Send + Sync + 'static {
    /// Inserts a record with revision 1. `false`: there is one under this key already, and it is unchanged.
    fn create<'a>(&'a self, key: &'a StoreKey, record: Record, now: UnixMillis) -> StoreFuture<'a, bool>;

    /// The record under `key`, or what a rotation has left there.
    fn load<'a>(&'a self, key: &'a StoreKey, now: UnixMillis) -> StoreFuture<'a, Option<Loaded>>;

    /// Merges a patch into the record that is there by now, and moves its deadline.
    fn commit<'a>(
        &'a self,
        key: &'a StoreKey,
        commit: Commit<'a>,
        now: UnixMillis,
    ) -> StoreFuture<'a, Committed>;

    /// Moves the deadline and the time of the last visit, never backwards. `false`: there is no such record.
    fn touch<'a>(&'a self, key: &'a StoreKey, touch: Touch, now: UnixMillis) -> StoreFuture<'a, bool>;

    /// Commits, and moves the record to the key `rotation.to` in the same step; the data keeps its revisions.
    /// [`Committed::Conflict`]: `rotation.to` is taken, and nothing has changed.
    fn rotate<'a>(
        &'a self,
        key: &'a StoreKey,
        rotation: Rotation,
        commit: Commit<'a>,
        now: UnixMillis,
    ) -> StoreFuture<'a, Committed>;

    /// The new key of a rotation has been seen: its alias ends at `retire_at`.
    fn confirm_rotation<'a>(&'a self, key: &'a StoreKey, retire_at: UnixMillis) -> StoreFuture<'a, ()>;

    /// Deletes the record; aliases that lead to it lead nowhere. `false`: there was none.
    fn delete<'a>(&'a self, key: &'a StoreKey, now: UnixMillis) -> StoreFuture<'a, bool>;

    /// All live sessions of a user, in no particular order.
    fn list<'a>(&'a self, user: &'a UserId, now: UnixMillis)
    -> StoreFuture<'a, Vec<(StoreKey, Arc<Record>)>>;

    /// Deletes all sessions of a user, but the one under `except`; answers how many.
    fn delete_all_of<'a>(
        &'a self,
        user: &'a UserId,
        except: Option<&'a StoreKey>,
        now: UnixMillis,
    ) -> StoreFuture<'a, u64>;

    /// Waits until no other holder has the session's lock, also in other processes. Released on drop.
    fn lock<'a>(&'a self, key: &'a StoreKey) -> StoreFuture<'a, StoreLock>;

    /// Removes records whose deadline has passed, a bounded share at a call; answers how many went.
    fn sweep(&self, now: UnixMillis) -> StoreFuture<'_, u64>;

    /// Whether the store can be reached at this moment.
    fn ping(&self) -> StoreFuture<'_, ()>;
}

/// What stands under a key.
#[derive(Clone, Debug)]
pub enum Loaded {
    /// The session.
    Live {
        /// Its record.
        record: Arc<Record>,
        /// The key is new from a rotation that has not been [confirmed](SessionStore::confirm_rotation).
        unconfirmed: bool,
    },
    /// The id was rotated a moment ago, and still leads to the session.
    Alias(Alias),
    /// The id was rotated, and its successor has been in use for longer than the grace: somebody replays it.
    Retired {
        /// Where the session is now.
        successor: StoreKey,
    },
}

/// A retired id that still leads to its session.
#[derive(Clone, Debug)]
pub struct Alias {
    /// Where the session is now.
    pub successor: StoreKey,
    /// The session.
    pub record: Arc<Record>,
    /// What the successor was derived with, so that a client that lost the answer can be told again; `None` once
    /// the successor has been seen, or has itself been rotated.
    pub nonce: Option<[u8; 16]>,
}

/// A change to a record that exists.
#[derive(Clone, Copy, Debug)]
pub struct Commit<'a> {
    /// The keys that change.
    pub patch: &'a Patch,
    /// When given, the commit succeeds at this revision only.
    pub expected: Option<Revision>,
    /// The new life of the session.
    pub touch: Touch,
    /// When given, replaces everything about the session but its data.
    pub meta: Option<&'a Meta>,
}

/// A visit.
#[derive(Clone, Copy, Debug)]
pub struct Touch {
    /// When the record ends.
    pub deadline: UnixMillis,
    /// When the session was used last.
    pub seen_at: UnixMillis,
}

/// A move to a new key.
#[derive(Clone, Copy, Debug)]
pub struct Rotation {
    /// The new key.
    pub to: StoreKey,
    /// Leaves an alias under the old key, with this nonce, until the rotation is confirmed and the grace over.
    /// `None`: the old key is dead at once.
    pub alias: Option<[u8; 16]>,
}

/// How a commit ended.
#[derive(Clone, Debug)]
#[must_use = "a commit that met a conflict or a destroyed session has stored nothing"]
pub enum Committed {
    /// It is stored.
    Done(Arc<Record>),
    /// The record has another revision than expected; nothing is stored.
    Conflict,
    /// There is no such record (any more); nothing is stored, and nothing brought back.
    Gone,
}

/// Holds a session's lock until it is dropped.
#[must_use = "the lock is released when this is dropped"]
pub struct StoreLock(#[allow(dead_code, reason = "held for its Drop")] Box<dyn Send + Sync>);

impl StoreLock {
    /// Wraps whatever releases the lock when it is dropped.
    pub fn new(guard: impl Send + Sync + 'static) -> Self {
        Self(Box::new(guard))
    }
}

impl std::fmt::Debug for StoreLock {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("StoreLock")
    }
}
