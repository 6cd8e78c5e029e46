//! What servers tell each other of sessions that are no longer where they were: a store keeps no word of that.
//!
//! Whoever revokes a session, or gives it a new id at a login, leaves a note in the store before, for as long as another
//! server may ask. The note is a record under a key of its own, to which no session id leads.

use std::time::Duration;

use futures_util::{StreamExt, stream};
use sha2::{Digest, Sha256};

use super::state::{Lifetime, fresh_meta};
use super::{Engine, SessionError};
use crate::store::{Loaded, Meta, Record, SessionData};
use crate::{Handle, StoreKey};

/// Watchers look at once, or with their next heartbeat.
const REVOCATION_KEPT: Duration = Duration::from_secs(60);
/// Notes that are written side by side.
const NOTES: usize = 16;

impl Engine {
    /// Tells other servers that these sessions are about to be revoked.
    pub(super) async fn announce_revocation(&self, handles: impl Iterator<Item = Handle>) {
        let leave = |handle: Handle| self.leave_note(revocation_key(handle), REVOCATION_KEPT);
        stream::iter(handles).for_each_concurrent(NOTES, leave).await;
    }

    /// Whether another server has revoked a session that is no more.
    pub(super) async fn is_revoked(&self, handle: Handle) -> Result<bool, SessionError> {
        self.has_note(&revocation_key(handle)).await
    }

    /// Remembers, and tells other servers, that a login is about to replace the id of this key.
    pub(super) async fn announce_replacement(&self, key: &StoreKey) {
        let (now, grace) = (self.clock.now(), self.lifetime.rotation_grace);
        self.replaced.insert(*key, now + grace, now);
        self.leave_note(replacement_key(key), grace).await;
    }

    /// Whether a login has just replaced the id of this key, under which there is no session.
    pub(super) async fn is_replaced(&self, key: &StoreKey) -> Result<bool, SessionError> {
        Ok(self.replaced.contains(key, self.clock.now()) || self.has_note(&replacement_key(key)).await?)
    }

    /// If the store fails, the others do without.
    async fn leave_note(&self, key: StoreKey, kept: Duration) {
        if self.answers_at_once {
            // No other server has this store.
            return;
        }
        let now = self.clock.now();
        let lifetime = Lifetime { idle: kept, absolute: kept, ..self.lifetime };
        let meta = Meta { handle: Handle::OF_NOTES, ..fresh_meta(now, &lifetime) };
        let data = SessionData::default();
        let note = Record { data, revision: 1, deadline: now + kept, seen_at: now, meta };
        if let Err(error) = self.store.create(&key, note.into(), now).await {
            tracing::debug!(%error, "other servers are not told what becomes of a session");
        }
    }

    async fn has_note(&self, key: &StoreKey) -> Result<bool, SessionError> {
        if self.answers_at_once {
            return Ok(false);
        }
        let found = self.store.load(key, self.clock.now()).await?;
        Ok(matches!(found, Some(Loaded::Live { .. })))
    }
}

/// Whether a record is a note, and no session.
pub(super) fn is_note(handle: Handle) -> bool {
    handle == Handle::OF_NOTES
}

fn revocation_key(handle: Handle) -> StoreKey {
    key_of("twinjar: the session of this handle is revoked: ", handle.as_str().as_bytes())
}

fn replacement_key(key: &StoreKey) -> StoreKey {
    key_of("twinjar: a login has replaced the id of this key: ", key.as_bytes())
}

fn key_of(what: &str, of: &[u8]) -> StoreKey {
    let mut hash = Sha256::new_with_prefix(what);
    hash.update(of);
    StoreKey::from_bytes(hash.finalize().into())
}
