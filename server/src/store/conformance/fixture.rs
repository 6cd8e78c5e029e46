//! What the cases share: records to store, and short words for what they do to them.

use std::sync::Arc;
use std::time::Duration;

use serde_json::value::RawValue;

use crate::store::{
    Alias, Commit, Committed, Identity, Loaded, Meta, Patch, Record, Revision, Rotation, SessionData,
    SessionStore, Touch, UserId,
};
use crate::{Clock, Handle, StoreKey, SystemClock, UnixMillis};

pub(super) const IDLE: Duration = Duration::from_secs(30 * 60);
pub(super) const ABSOLUTE: Duration = Duration::from_secs(12 * 60 * 60);

/// A fresh store, and the moment at which the case begins.
#[derive(Clone)]
pub(super) struct Subject {
    pub(super) store: Arc<dyn SessionStore>,
    /// The true time: a store may have a clock of its own.
    pub(super) now: UnixMillis,
}

impl Subject {
    pub(super) fn new(store: Arc<dyn SessionStore>) -> Self {
        Self { store, now: SystemClock.now() }
    }

    /// A record that is visited now for the first time.
    pub(super) fn record(&self, data: &str) -> Record {
        let meta = Meta {
            handle: Handle::generate(),
            created_at: self.now,
            absolute_deadline: self.now + ABSOLUTE,
            idle_timeout: IDLE,
            persistent: false,
            identity: None,
        };
        let data = SessionData::parse(data).expect("a case's data is a JSON object");
        Record { data, revision: 1, deadline: self.now + IDLE, seen_at: self.now, meta }
    }

    pub(super) fn record_of(&self, user: &UserId) -> Record {
        let mut record = self.record("{}");
        let identity = Identity { user: user.clone(), authenticated_at: self.now };
        record.meta.identity = Some(Arc::new(identity));
        record
    }

    /// Stores a record under a new key.
    pub(super) async fn stored(&self, record: Record) -> StoreKey {
        let key = any_key();
        assert!(self.create(&key, record).await, "create refused a key that nobody has used");
        key
    }

    /// Stores a session with this data under a new key.
    pub(super) async fn session(&self, data: &str) -> StoreKey {
        self.stored(self.record(data)).await
    }

    pub(super) async fn create(&self, key: &StoreKey, record: Record) -> bool {
        self.store.create(key, Arc::new(record), self.now).await.expect("create")
    }

    pub(super) async fn load(&self, key: &StoreKey) -> Option<Loaded> {
        self.load_at(key, self.now).await
    }

    pub(super) async fn load_at(&self, key: &StoreKey, now: UnixMillis) -> Option<Loaded> {
        self.store.load(key, now).await.expect("load")
    }

    /// The record under a key that is not an alias.
    pub(super) async fn live(&self, key: &StoreKey) -> Arc<Record> {
        match self.load(key).await {
            Some(Loaded::Live { record, .. }) => record,
            other => panic!("a live record was expected, not {other:?}"),
        }
    }

    pub(super) async fn alias(&self, key: &StoreKey, now: UnixMillis) -> Alias {
        match self.load_at(key, now).await {
            Some(Loaded::Alias(alias)) => alias,
            other => panic!("an alias was expected, not {other:?}"),
        }
    }

    pub(super) async fn commit(&self, key: &StoreKey, commit: Commit<'_>) -> Committed {
        self.store.commit(key, commit, self.now).await.expect("commit")
    }

    /// Commits a patch alone.
    pub(super) async fn patch(&self, key: &StoreKey, patch: &Patch) -> Committed {
        self.commit(key, self.change(patch)).await
    }

    /// Commits a patch at a revision.
    pub(super) async fn patch_at(&self, key: &StoreKey, patch: &Patch, expected: Revision) -> Committed {
        self.commit(key, Commit { expected: Some(expected), ..self.change(patch) }).await
    }

    /// Commits new meta alone.
    pub(super) async fn change_meta(&self, key: &StoreKey, meta: &Meta) -> Committed {
        let patch = Patch::default();
        self.commit(key, Commit { meta: Some(meta), ..self.change(&patch) }).await
    }

    pub(super) async fn rotate(&self, key: &StoreKey, rotation: Rotation) -> Committed {
        let patch = Patch::default();
        self.rotate_with(key, rotation, self.change(&patch)).await
    }

    pub(super) async fn rotate_with(
        &self,
        key: &StoreKey,
        rotation: Rotation,
        commit: Commit<'_>,
    ) -> Committed {
        self.store.rotate(key, rotation, commit, self.now).await.expect("rotate")
    }

    /// A new key that a session can move to from this one.
    pub(super) fn key_beside(&self, key: &StoreKey) -> StoreKey {
        let mut keys = std::iter::repeat_with(any_key).take(100_000);
        keys.find(|to| self.store.can_rotate(key, to))
            .expect("a session can move to one key in a few hundred")
    }

    pub(super) fn leaving_an_alias(&self, key: &StoreKey) -> Rotation {
        Rotation { to: self.key_beside(key), alias: Some(rand::random()) }
    }

    pub(super) fn leaving_nothing(&self, key: &StoreKey) -> Rotation {
        Rotation { to: self.key_beside(key), alias: None }
    }

    /// Rotates to a new key and leaves an alias.
    pub(super) async fn rotated(&self, key: &StoreKey) -> StoreKey {
        let rotation = self.leaving_an_alias(key);
        done(self.rotate(key, rotation).await);
        rotation.to
    }

    pub(super) async fn confirm(&self, key: &StoreKey, retire_at: UnixMillis) {
        self.store.confirm_rotation(key, retire_at).await.expect("confirm_rotation");
    }

    pub(super) async fn touch(&self, key: &StoreKey, touch: Touch) -> bool {
        self.store.touch(key, touch, self.now).await.expect("touch")
    }

    pub(super) async fn delete(&self, key: &StoreKey) -> bool {
        self.store.delete(key, self.now).await.expect("delete")
    }

    pub(super) async fn list(&self, user: &UserId) -> Vec<(StoreKey, Arc<Record>)> {
        let mut sessions = self.store.list(user, self.now).await.expect("list");
        sessions.sort_by_key(|(key, _)| *key);
        sessions
    }

    /// The keys of a user's sessions, sorted.
    pub(super) async fn keys_of(&self, user: &UserId) -> Vec<StoreKey> {
        self.list(user).await.into_iter().map(|(key, _)| key).collect()
    }

    /// A commit of a patch, and a visit now.
    pub(super) fn change<'a>(&self, patch: &'a Patch) -> Commit<'a> {
        Commit { patch, expected: None, touch: self.visit(Duration::ZERO), meta: None }
    }

    /// A visit that much after the case began.
    pub(super) fn visit(&self, after: Duration) -> Touch {
        Touch { deadline: self.now + after + IDLE, seen_at: self.now + after }
    }
}

pub(super) fn any_key() -> StoreKey {
    StoreKey::from_bytes(rand::random())
}

/// A patch that sets one key to a JSON value.
pub(super) fn set(key: &str, value: &str) -> Patch {
    let mut patch = Patch::default();
    patch.set(key, RawValue::from_string(value.to_owned()).expect("a case's value is JSON"));
    patch
}

pub(super) fn remove(key: &str) -> Patch {
    let mut patch = Patch::default();
    patch.remove(key);
    patch
}

/// The record of a commit that has to succeed.
pub(super) fn done(committed: Committed) -> Arc<Record> {
    match committed {
        Committed::Done(record) => record,
        other => panic!("the commit should have succeeded, but ended as {other:?}"),
    }
}

pub(super) fn integer(record: &Record, key: &str) -> u64 {
    record.data.get(key).map_or(0, |text| text.parse().expect("an integer"))
}
