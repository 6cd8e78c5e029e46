//! What servers tell each other of sessions that are ended from elsewhere: a store forgets a session with the reason.
//!
//! Whoever revokes a session leaves a note in the store before, for as long as another server may ask. The note is a
//! record under a key that the session's public handle leads to, and no id does.

use std::time::Duration;

use futures_util::{StreamExt, stream};
use sha2::{Digest, Sha256};

use super::state::{Lifetime, fresh_meta};
use super::{Engine, SessionError};
use crate::store::{Loaded, Record, SessionData};
use crate::{Handle, StoreKey};

/// Watchers look at once, or with their next heartbeat.
const KEPT: Duration = Duration::from_secs(60);
/// Notes that are written side by side.
const NOTES: usize = 16;

impl Engine {
    /// Tells other servers that these sessions are about to be revoked. If the store fails, they are told of an end
    /// without this reason.
    pub(super) async fn announce_revocation(&self, handles: impl Iterator<Item = Handle>) {
        if self.answers_at_once {
            // No other server has this store.
            return;
        }
        let now = self.clock.now();
        let lifetime = Lifetime { idle: KEPT, absolute: KEPT, ..self.lifetime };
        let note = || {
            let meta = fresh_meta(now, &lifetime);
            Record { data: SessionData::default(), revision: 1, deadline: now + KEPT, seen_at: now, meta }
        };
        let leave = |handle: Handle| async move {
            if let Err(error) = self.store.create(&note_key(handle), note(), now).await {
                tracing::debug!(session = %handle, %error, "other servers are not told that it is revoked");
            }
        };
        stream::iter(handles).for_each_concurrent(NOTES, leave).await;
    }

    /// Whether another server has revoked a session that is no more.
    pub(super) async fn is_revoked(&self, handle: Handle) -> Result<bool, SessionError> {
        let found = self.store.load(&note_key(handle), self.clock.now()).await?;
        Ok(matches!(found, Some(Loaded::Live { .. })))
    }
}

fn note_key(handle: Handle) -> StoreKey {
    let mut hash = Sha256::new_with_prefix("twinjar: the session of this handle is revoked: ");
    hash.update(handle.as_str());
    StoreKey::from_bytes(hash.finalize().into())
}
