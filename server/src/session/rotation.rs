//! Moving a session to a new id.

use std::sync::Arc;

use super::engine::ID_ATTEMPTS;
use super::state::{CookieChange, Live, Origin, State};
use super::{Engine, SessionError, SessionEventKind};
use crate::id::SessionId;
use crate::store::{Commit, Committed, Rotation, StoreError, StoreErrorKind};

/// New ids that are drawn until the store can move a session to one: many times as many as it should take.
const DRAWS: usize = 10_000;

impl Engine {
    /// Moves the session to a new id. With `keep_alias` the old one leads to it for a while.
    pub(crate) async fn rotate(&self, state: &mut State, keep_alias: bool) -> Result<(), SessionError> {
        foreign!(self, foreign => foreign.rotate(self, state).await);
        let now = self.clock.now();
        if let (false, Some(live)) = (keep_alias, state.live()) {
            self.announce_replacement(&live.key).await;
        }
        for _ in 0..ID_ATTEMPTS {
            let touch = self.touch_of(state, now);
            let Origin::Live(live) = &mut state.origin else { return Ok(()) };
            let Some((id, rotation)) = self.draw(live, keep_alias) else { break };
            // Whoever follows the session to its new key waits there for the turn to end.
            let lock = if live.lock.is_some() { Some(self.lock(&rotation.to).await?) } else { None };
            let commit = Commit { patch: &state.patch, expected: None, touch, meta: state.meta.as_deref() };
            match self.store.rotate(&live.key, rotation, commit, now).await? {
                Committed::Done(record) => {
                    *live = Live { lock, ..Live::new(id, rotation.to, Arc::clone(&record)) };
                    let handle = record.meta.handle;
                    self.hub.live(rotation.to, &record);
                    state.cookie = CookieChange::Set(id);
                    state.committed(record);
                    self.report(handle, SessionEventKind::Rotated);
                    return Ok(());
                }
                Committed::Conflict => {}
                Committed::Gone => self.reload(state).await?,
            }
        }
        Err(StoreError::new(StoreErrorKind::Unavailable).into())
    }

    fn draw(&self, live: &Live, keep_alias: bool) -> Option<(SessionId, Rotation)> {
        // The alias will stand under the key of this id: whoever still holds it is told the successor again.
        let current = live.current_id().unwrap_or(live.id);
        let mut drawn = std::iter::repeat_with(|| {
            let nonce: [u8; 16] = rand::random();
            let id = if keep_alias { self.token.successor(&current, &nonce) } else { SessionId::generate() };
            (id, Rotation { to: id.store_key(), alias: keep_alias.then_some(nonce) })
        });
        drawn.by_ref().take(DRAWS).find(|(_, rotation)| self.store.can_rotate(&live.key, &rotation.to))
    }
}
