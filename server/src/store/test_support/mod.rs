//! What the tests of all stores share.

#![allow(clippy::unwrap_used, reason = "a test's failure is a panic")]

#[cfg(feature = "near-cache")]
mod announcing;
#[cfg(any(feature = "postgres", feature = "redis"))]
pub(super) mod hearing;
#[cfg(any(feature = "near-cache", feature = "postgres", feature = "sqlite"))]
mod round_robin;

use std::sync::Arc;
use std::time::Duration;

use serde_json::value::RawValue;
use sha2::Digest;

#[cfg(feature = "near-cache")]
pub(super) use self::announcing::Announcing;
#[cfg(any(feature = "near-cache", feature = "postgres", feature = "sqlite"))]
pub(super) use self::round_robin::RoundRobin;
use super::{
    Commit, Committed, Identity, Loaded, MAX_ALIASES, Meta, Patch, Record, Rotation, SessionData,
    SessionStore, StoreError, StoreErrorKind, Touch, UserId,
};
use crate::{Clock, Handle, StoreKey, SystemClock, UnixMillis};

/// How long the sessions live without being used.
pub(super) const LIFE: Duration = Duration::from_secs(3600);

pub(super) fn now() -> UnixMillis {
    SystemClock.now()
}

pub(super) fn key(number: u64) -> StoreKey {
    StoreKey::from_bytes(sha2::Sha256::digest(number.to_be_bytes()).into())
}

/// A session of alice's that is used now for the first time.
pub(super) fn record(data: &str) -> Record {
    let now = now();
    let meta = Meta {
        handle: Handle::generate(),
        created_at: now,
        absolute_deadline: now + LIFE * 10,
        idle_timeout: LIFE,
        persistent: false,
        identity: Some(Arc::new(Identity { user: UserId::new("alice"), authenticated_at: now })),
    };
    let data = SessionData::parse(data).unwrap();
    Record { data, revision: 1, deadline: now + LIFE, seen_at: now, meta }
}

pub(super) fn set(value: &str) -> Patch {
    let mut patch = Patch::default();
    patch.set("n", RawValue::from_string(value.to_owned()).unwrap());
    patch
}

/// A commit of a patch, and a visit now.
pub(super) fn change(patch: &Patch) -> Commit<'_> {
    let now = now();
    Commit { patch, expected: None, touch: Touch { deadline: now + LIFE, seen_at: now }, meta: None }
}

/// A session whose value `n` is 0.
pub(super) async fn create(store: &impl SessionStore, number: u64) -> Result<bool, StoreError> {
    store.create(&key(number), record(r#"{"n":0}"#).into(), now()).await
}

pub(super) async fn put(
    store: &impl SessionStore,
    number: u64,
    value: &str,
) -> Result<Committed, StoreError> {
    store.commit(&key(number), change(&set(value)), now()).await
}

/// Moves a session, and leaves an alias.
pub(super) async fn rotate(store: &impl SessionStore, from: u64, to: u64) -> Result<Committed, StoreError> {
    let patch = Patch::default();
    let rotation = Rotation { to: key(to), alias: Some([7; 16]) };
    store.rotate(&key(from), rotation, change(&patch), now()).await
}

/// Moves a session more often than it can have aliases, and ends it by the oldest that is left.
pub(super) async fn outlive_aliases(store: &impl SessionStore) {
    assert!(create(store, 0).await.unwrap());
    for number in 0..MAX_ALIASES as u64 + 10 {
        done(&rotate(store, number, number + 1).await);
    }
    assert_eq!(store.load(&key(9), now()).await.unwrap(), None);
    assert!(matches!(store.load(&key(10), now()).await.unwrap(), Some(Loaded::Alias(_))));
    assert!(store.delete(&key(10), now()).await.unwrap());
}

/// Creates sessions until the store is full, each with its number for the value `n`; how many there are then.
#[cfg(any(feature = "redis", feature = "sqlite"))]
pub(super) async fn fill(store: &impl SessionStore, letters: usize) -> u64 {
    let mut created = 0;
    let refused = loop {
        let data = format!(r#"{{"n":{created},"text":"{}"}}"#, "x".repeat(letters));
        match store.create(&key(created), record(&data).into(), now()).await {
            Ok(inserted) => assert!(inserted),
            Err(error) => break error,
        }
        created += 1;
        assert!(created < 1_000, "the limit is not held to");
    };
    assert_eq!(refused.kind(), StoreErrorKind::Full);
    created
}

/// The value `n` of a session; `None` when there is no session.
pub(super) async fn value(store: &impl SessionStore, number: u64) -> Result<Option<String>, StoreError> {
    match store.load(&key(number), now()).await? {
        Some(Loaded::Live { record, .. }) => Ok(record.data.get("n").map(str::to_owned)),
        None => Ok(None),
        other => panic!("{other:?}"),
    }
}

/// Adds one to the value `n` of a session, however often it takes.
#[cfg(any(feature = "postgres", feature = "redis", feature = "sqlite"))]
pub(super) async fn increment(store: &impl SessionStore, number: u64) {
    loop {
        let Some(Loaded::Live { record, .. }) = store.load(&key(number), now()).await.unwrap() else {
            panic!("the session is there")
        };
        let n: u64 = record.data.get("n").unwrap().parse().unwrap();
        let patch = set(&(n + 1).to_string());
        let commit = Commit { expected: Some(record.revision), ..change(&patch) };
        if let Committed::Done(_) = store.commit(&key(number), commit, now()).await.unwrap() {
            return;
        }
    }
}

/// The commit has to succeed.
pub(super) fn done(outcome: &Result<Committed, StoreError>) {
    assert!(matches!(outcome, Ok(Committed::Done(_))), "{outcome:?}");
}

/// Which failure it is.
pub(super) fn kind<T: std::fmt::Debug>(outcome: Result<T, StoreError>) -> StoreErrorKind {
    outcome.unwrap_err().kind()
}
