//! Sessions on the way from one store to another: with their aliases, so that nobody is logged out.

mod line;

use std::sync::Arc;

pub use self::line::InvalidLine;
use super::{Record, SessionStore, StoreFuture};
use crate::{StoreKey, UnixMillis};

/// A store whose sessions can be read out one after the other, and put into another.
///
/// While servers change the store, sessions that are begun, moved or ended meanwhile may be left out. For a move to
/// another store, stop the servers first.
pub trait Transfer: SessionStore {
    /// Some of the live sessions, from the beginning or from where a [`Page`] has ended. A session may be met twice.
    fn page<'a>(&'a self, from: Option<&'a Cursor>, now: UnixMillis) -> StoreFuture<'a, Page>;

    /// Puts a session in as it is, with its aliases. `false`: one of its keys is taken, and nothing has changed.
    fn restore<'a>(&'a self, session: &'a StoredSession, now: UnixMillis) -> StoreFuture<'a, bool>;
}

/// Some sessions of a store.
#[derive(Clone, Debug)]
pub struct Page {
    /// The sessions; perhaps none, although more follow.
    pub sessions: Vec<StoredSession>,
    /// Where the next page begins. `None`: this is the last one.
    pub next: Option<Cursor>,
}

/// A place between two sessions of a store, in the store's own words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor(pub(super) Box<str>);

/// A session and what leads to it, as a store holds them.
///
/// It has a line of JSON for a text, see [`to_line`](Self::to_line). There is no secret in it: keys are digests of
/// session ids.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredSession {
    /// Where it is.
    pub key: StoreKey,
    /// The session.
    pub record: Arc<Record>,
    /// The key is new from a rotation that has not been confirmed.
    pub unconfirmed: bool,
    /// Keys that it has had before, the oldest first.
    pub aliases: Vec<StoredAlias>,
}

/// A key that a session has had before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredAlias {
    /// The key.
    pub key: StoreKey,
    /// What its successor was derived with, as in [`Alias::nonce`](super::Alias::nonce).
    pub nonce: Option<[u8; 16]>,
    /// When it is retired; `None` until a later key has been seen.
    pub retire_at: Option<UnixMillis>,
}
