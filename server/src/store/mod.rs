//! Where sessions are kept: the contract between the session engine and a store, and the stores themselves.
//!
//! A store keeps records under a [`StoreKey`] until their deadline. It knows nothing of cookies, of secrets or
//! of expiry policy. What makes sessions safe under concurrency is that each operation is atomic:
//!
//! - [`create`](SessionStore::create) only inserts: it never replaces a record;
//! - [`commit`](SessionStore::commit) only changes a record that is there: it never brings one back, and merges
//!   key by key into what the record holds by then;
//! - [`delete`](SessionStore::delete) wins against everything that commits after it, also under a rotated key.
//!
//! A store of one's own implements [`SessionStore`] and runs the suite in `store::conformance` (feature
//! `test-util`).

#[cfg(any(feature = "postgres", feature = "redis"))]
mod channel;
#[cfg(any(test, feature = "test-util"))]
pub mod conformance;
mod error;
mod future;
#[cfg(any(feature = "postgres", feature = "sqlite"))]
mod integers;
mod json_text;
mod locks;
mod memory;
mod merge;
#[cfg(feature = "near-cache")]
mod near_cache;
mod news;
mod object;
mod patch;
#[cfg(feature = "postgres")]
pub(crate) mod postgres;
#[cfg(any(feature = "postgres", feature = "redis"))]
mod recent;
mod record;
#[cfg(feature = "redis")]
pub(crate) mod redis;
mod shared;
#[cfg(feature = "sqlite")]
mod sqlite;
#[cfg(test)]
mod test_support;
#[cfg(any(feature = "postgres", feature = "redis", feature = "sqlite"))]
pub mod transfer;
mod url;
#[cfg(any(feature = "postgres", feature = "sqlite"))]
mod wait;

use std::sync::Arc;

pub use error::{StoreError, StoreErrorKind};
pub use future::StoreFuture;
pub use json_text::JsonText;
pub use memory::{MemoryLimits, MemoryStore};
#[cfg(feature = "near-cache")]
pub use near_cache::{NearCache, NearCacheLimits};
pub use news::{News, NewsListener};
pub use patch::Patch;
#[cfg(feature = "postgres")]
pub use postgres::{InvalidPostgresAddress, PostgresAddress, PostgresStore, PostgresStoreBuilder};
pub use record::{Identity, InvalidData, Meta, Record, Revision, SessionData, UserId};
#[cfg(feature = "redis")]
pub use redis::{InvalidRedisAddress, RedisAddress, RedisStore, RedisStoreBuilder};
#[cfg(feature = "sqlite")]
pub use sqlite::{SqliteStore, SqliteStoreBuilder, Synchronous};
pub use url::{InvalidStoreUrl, StoreUrl};

use crate::{Handle, StoreKey, UnixMillis};

/// How many aliases of a session stores keep; beyond that, the oldest lead nowhere.
pub const MAX_ALIASES: usize = 256;

/// A place where sessions are kept. Every operation is atomic, also across processes that share the store.
///
/// A record whose deadline is not after `now`, the engine's clock, is not there, whether or not it has been swept.
/// A store may in addition remove records by a clock of its own. An operation whose future is dropped may still
/// happen; one that fails with [`StoreErrorKind::Unavailable`] too.
pub trait SessionStore: Send + Sync + 'static {
    /// Inserts a record. `false`: the key is taken, and nothing has changed.
    fn create<'a>(&'a self, key: &'a StoreKey, record: Arc<Record>, now: UnixMillis)
    -> StoreFuture<'a, bool>;

    /// The record under `key`, or what a rotation has left there.
    fn load<'a>(&'a self, key: &'a StoreKey, now: UnixMillis) -> StoreFuture<'a, Option<Loaded>>;

    /// The session under `key`, if the store can tell at once and without an allocation: it is in this process's
    /// memory, no rotation has touched it, and it is what [`load`](Self::load) would answer. `None`: ask `load`.
    fn peek(&self, key: &StoreKey, now: UnixMillis) -> Option<Arc<Record>> {
        let _ = (key, now);
        None
    }

    /// Changes the record that is there by now, as [`Record::after`] has it.
    fn commit<'a>(
        &'a self,
        key: &'a StoreKey,
        commit: Commit<'a>,
        now: UnixMillis,
    ) -> StoreFuture<'a, Committed>;

    /// Writes a visit down, as [`Record::visit`] has it. `false`: there is no such record.
    fn touch<'a>(&'a self, key: &'a StoreKey, touch: Touch, now: UnixMillis) -> StoreFuture<'a, bool>;

    /// Commits, and moves the record to the key `rotation.to` in the same step.
    /// [`Committed::Conflict`]: `rotation.to` is taken or [impossible](Self::can_rotate), or the revision is another;
    /// nothing has changed.
    fn rotate<'a>(
        &'a self,
        key: &'a StoreKey,
        rotation: Rotation,
        commit: Commit<'a>,
        now: UnixMillis,
    ) -> StoreFuture<'a, Committed>;

    /// Whether a session can move from one key to another: a store that spreads its keys over servers may ask that they
    /// have something in common. The engine draws new ids until they do; one in a few hundred has to.
    fn can_rotate(&self, _from: &StoreKey, _to: &StoreKey) -> bool {
        true
    }

    /// `key`, to which a rotation has led, has been seen: the aliases of the session's earlier keys end at
    /// `retire_at`, but for those that have an end already. Nothing happens where there is nothing to confirm.
    fn confirm_rotation<'a>(&'a self, key: &'a StoreKey, retire_at: UnixMillis) -> StoreFuture<'a, ()>;

    /// Deletes the session that `key` names or, as an alias, retired or not, leads to. What led to it leads
    /// nowhere. `false`: there was none.
    fn delete<'a>(&'a self, key: &'a StoreKey, now: UnixMillis) -> StoreFuture<'a, bool>;

    /// All live sessions of a user, in no particular order.
    fn list<'a>(&'a self, user: &'a UserId, now: UnixMillis)
    -> StoreFuture<'a, Vec<(StoreKey, Arc<Record>)>>;

    /// Deletes all sessions of a user, but the one that `except` names or leads to; answers how many.
    fn delete_all_of<'a>(
        &'a self,
        user: &'a UserId,
        except: Option<&'a StoreKey>,
        now: UnixMillis,
    ) -> StoreFuture<'a, u64>;

    /// Waits until no other holder has the key's lock, also in other processes. Released on drop.
    fn lock<'a>(&'a self, key: &'a StoreKey) -> StoreFuture<'a, StoreLock>;

    /// Removes records whose deadline has passed, a bounded share at a call; answers how many went.
    fn sweep(&self, now: UnixMillis) -> StoreFuture<'_, u64>;

    /// The same, and says of each session that it is gone. A store whose records go by themselves has nothing to say.
    fn sweep_and_tell<'a>(
        &'a self,
        now: UnixMillis,
        ended: &'a (dyn Fn(Handle) + Send + Sync),
    ) -> StoreFuture<'a, u64> {
        let _ = ended;
        self.sweep(now)
    }

    /// Whether all futures of this store, but those of [`lock`](Self::lock), [`sweep`](Self::sweep) (also
    /// [with words](Self::sweep_and_tell)) and [`locate`](Self::locate), are ready when they are made. The engine then sets up nothing to wait with.
    fn answers_at_once(&self) -> bool {
        false
    }

    /// What the store hears of changes by other servers. `None`: it hears nothing.
    fn news(&self) -> Option<&News> {
        None
    }

    /// Where the session of this handle is, that once stood under `key`: tells one that has ended from one that a
    /// rotation has moved without a trace under the old key.
    fn locate<'a>(&'a self, key: &'a StoreKey, handle: Handle, now: UnixMillis) -> StoreFuture<'a, Located> {
        StoreFuture::new(async move {
            Ok(match self.load(key, now).await? {
                Some(Loaded::Live { record, .. }) if record.meta.handle == handle => {
                    Located::At { key: *key, record }
                }
                Some(Loaded::Alias(Alias { successor, record, .. })) => {
                    Located::At { key: successor, record }
                }
                _ => Located::Unknown,
            })
        })
    }

    /// A record that this server has seen under `key`, without asking whether it is still there: for a commit that
    /// names the revision it [expects](Commit::expected), and so needs no [`load`](Self::load) before. Of a key whose
    /// rotation is unconfirmed, there is none.
    fn recall(&self, _key: &StoreKey) -> Option<Arc<Record>> {
        None
    }

    /// Whether the store can do its work at this moment.
    fn ping(&self) -> StoreFuture<'_, ()>;
}

/// What stands under a key.
#[derive(Clone, Debug, PartialEq, Eq)]
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
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alias {
    /// Where the session is now.
    pub successor: StoreKey,
    /// The session.
    pub record: Arc<Record>,
    /// What the successor was derived with, so that a client that lost the answer can be told again; `None` once
    /// the successor has been seen or has itself been rotated.
    pub nonce: Option<[u8; 16]>,
}

/// Where a session is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Located {
    /// It is live.
    At {
        /// Its key.
        key: StoreKey,
        /// Its record.
        record: Arc<Record>,
    },
    /// It has ended.
    Ended,
    /// It has ended, or a rotation has moved it: this store does not know.
    Unknown,
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
    /// When given, replaces everything about the session but its data and its handle.
    pub meta: Option<&'a Meta>,
}

impl Commit<'_> {
    /// Whether the commit may be made to this record.
    #[cfg(any(feature = "postgres", feature = "redis"))]
    fn is_for(&self, record: &Record) -> bool {
        self.expected.is_none_or(|expected| expected == record.revision)
    }
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
    /// Leaves an alias under the old key, with this nonce, until the rotation is confirmed and the grace over. A
    /// session has at most [`MAX_ALIASES`].
    /// `None`: the old key is dead at once, and so are all aliases of the session.
    pub alias: Option<[u8; 16]>,
}

/// How a commit ended.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "a commit that met a conflict or a destroyed session has stored nothing"]
pub enum Committed {
    /// It is stored.
    Done(Arc<Record>),
    /// The record has another revision than expected; nothing is stored.
    Conflict,
    /// There is no record under this key (any more); nothing is stored, and nothing brought back.
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
