//! The session engine: every step that waits for the store.

use std::sync::Arc;
use std::time::Duration;

use twinjar_shared::session::EndReason;

use super::events::{SessionEvent, SessionEventKind, SessionEvents};
use super::foreign::{Adopter, Foreign};
use super::hub::Hub;
use super::replaced::ReplacedIds;
use super::state::{CookieChange, Lifetime, Live, Origin, State, fresh_meta};
use super::sweep::SweepSchedule;
use super::{Locking, SessionError};
use crate::cookies::{CookieHeaders, CookieLines, Trust};
use crate::id::{SessionId, TokenForm};
use crate::store::{
    Commit, Committed, Identity, Patch, Record, SessionData, SessionStore, StoreError, StoreErrorKind, Touch,
    UserId,
};
use crate::time::Clock;
use crate::{Handle, UnixMillis};

/// New ids that are tried before the random source is held to be broken.
pub(super) const ID_ATTEMPTS: usize = 4;

/// What all requests of one layer share.
pub(crate) struct Engine {
    pub(crate) store: Arc<dyn SessionStore>,
    /// See [`SessionStore::answers_at_once`].
    pub(crate) answers_at_once: bool,
    pub(crate) token: TokenForm,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) lifetime: Lifetime,
    pub(crate) locking: Locking,
    pub(crate) lock_wait: Duration,
    pub(crate) max_data_bytes: usize,
    pub(crate) max_key_bytes: usize,
    pub(crate) save_uninitialized: bool,
    pub(crate) rolling: bool,
    pub(crate) save_on_server_error: bool,
    pub(crate) fail_open: bool,
    pub(crate) events: Option<Arc<dyn SessionEvents>>,
    pub(crate) hub: Arc<Hub>,
    pub(crate) replaced: ReplacedIds,
    pub(crate) lines: CookieLines,
    pub(crate) companion: Option<CookieLines>,
    pub(crate) trust: Trust,
    pub(crate) sweeps: SweepSchedule,
    /// Takes the place of the store and of the steps below.
    pub(crate) foreign: Option<Box<dyn Foreign>>,
    pub(crate) adopter: Option<Box<dyn Adopter>>,
}

impl Engine {
    /// Stores the changes of the request: merged into the session that is there, or as a new one.
    pub(crate) async fn commit(&self, state: &mut State) -> Result<(), SessionError> {
        if !state.has_changes() {
            return Ok(());
        }
        foreign!(self, foreign => foreign.commit(self, state).await);
        if matches!(state.origin, Origin::Live(_)) {
            return self.commit_live(state).await;
        }
        if !state.begins() {
            return Ok(());
        }
        if state.overtaken && !state.logs_in() {
            // A new session would take the place of the one that the browser has just logged in to.
            state.gone();
            return Err(SessionError::Gone);
        }
        self.create(state).await
    }

    /// Commits `patch` only if nobody has committed since the session was read. `false`: somebody has.
    pub(crate) async fn commit_if_unchanged(
        &self,
        state: &mut State,
        patch: &Patch,
    ) -> Result<bool, SessionError> {
        foreign!(self, foreign => foreign.commit_if_unchanged(self, state, patch).await);
        let now = self.clock.now();
        let Some(live) = state.live() else { return Ok(false) };
        let expected = Some(live.record.revision);
        let touch = self.touch_of(state, now);
        let commit = Commit { patch, expected, touch, meta: state.meta.as_deref() };
        match self.store.commit(&live.key, commit, now).await? {
            Committed::Done(record) => {
                self.hub.live(live.key, &record);
                state.committed(record);
                Ok(true)
            }
            Committed::Conflict => Ok(false),
            Committed::Gone => {
                // A parallel request may have rotated the id; then it goes on under the new key.
                self.reload(state).await?;
                Ok(false)
            }
        }
    }

    /// Gives the session to a user under a new id; the old one is dead at once.
    pub(crate) async fn set_user(&self, state: &mut State, user: UserId) -> Result<(), SessionError> {
        let now = self.clock.now();
        let before = state.live().map(|_| (state.patch.clone(), state.meta.clone()));
        let changes_hands =
            state.meta().and_then(|meta| meta.identity()).is_some_and(|known| known.user != user);
        if changes_hands {
            // What one user has left in the session is not the next one's.
            state.patch.clear();
        }
        let identity = Identity { user: user.clone(), authenticated_at: now };
        let meta = state.meta_mut(now, &self.lifetime);
        meta.identity = Some(Arc::new(identity));
        let handle = meta.handle;
        let Some(before) = before else {
            state.must_begin = true;
            return Ok(());
        };
        let rotated = self.rotate(state, false).await;
        if rotated.is_ok() {
            self.report(handle, SessionEventKind::UserSet(user));
        } else if state.live().is_some() {
            // Nobody is logged in under an id that somebody else may know.
            (state.patch, state.meta) = before;
        }
        rotated
    }

    /// Ends the session, in the store first.
    pub(crate) async fn destroy(&self, state: &mut State) -> Result<(), SessionError> {
        foreign!(self, foreign => foreign.destroy(self, state).await);
        if let Some(live) = state.live() {
            let (handle, now) = (live.record.meta.handle, self.clock.now());
            if self.store.delete(&live.key, now).await? {
                self.report(handle, SessionEventKind::Destroyed);
            } else if self.is_replaced(&live.key).await? {
                // A login has just taken it to an id that leads nowhere from here: it is not ended.
                state.gone();
                return Err(SessionError::Gone);
            }
        }
        let presented = state.live().is_some() || state.cookie == CookieChange::Clear;
        state.ended();
        if !presented {
            state.cookie = CookieChange::Keep;
        }
        Ok(())
    }

    /// Whether the response can leave without another word to the store.
    pub(crate) fn is_settled(&self, state: &State) -> bool {
        let touch_due = |live: &Live| self.rolling || self.lifetime.touch_is_due(&live.record, state.read_at);
        if state.watching {
            return !state.has_changes();
        }
        foreign!(self, foreign => foreign.is_settled(state));
        let idle = !state.has_changes() && !state.renews_cookie;
        idle && !self.save_uninitialized && !state.live().is_some_and(touch_due)
    }

    /// Stores what is left to store before the response headers leave.
    pub(crate) async fn finish(
        &self,
        cookies: &CookieHeaders,
        state: &mut State,
    ) -> Result<(), SessionError> {
        if state.watching {
            return self.commit(state).await;
        }
        foreign!(self, foreign => foreign.finish(self, cookies, state).await);
        if self.save_uninitialized {
            if matches!(state.origin, Origin::Unread) {
                Box::pin(self.load(cookies, state)).await?;
            }
            state.must_begin |= state.live().is_none() && !state.overtaken;
        }
        let changed = state.has_changes();
        self.commit(state).await?;
        if let Origin::Live(live) = &mut state.origin
            && !changed
            && (self.rolling || self.lifetime.touch_is_due(&live.record, state.read_at))
        {
            let now = self.clock.now();
            let touch = self.lifetime.touch(&live.record.meta, now);
            match self.store.touch(&live.key, touch, now).await {
                Ok(true) => {
                    let record = Arc::make_mut(&mut live.record);
                    (record.deadline, record.seen_at) = (touch.deadline, touch.seen_at);
                    self.hub.live(live.key, record);
                    state.news = true;
                }
                Ok(false) => state.overtaken = true,
                Err(error) if matches!(error.kind(), StoreErrorKind::Full | StoreErrorKind::ReadOnly) => {
                    tracing::warn!(%error, "the use of a session was not written down");
                    return Ok(());
                }
                Err(error) => return Err(error.into()),
            }
        }
        // A persistent cookie ends when the session does, so it follows every postponement.
        if let Some(live) = state.live()
            && state.cookie == CookieChange::Keep
            && !state.overtaken
            && (self.rolling || live.record.meta.persistent || state.renews_cookie)
            && let Some(id) = live.current_id()
        {
            state.cookie = CookieChange::Set(id);
        }
        Ok(())
    }

    pub(crate) fn report(&self, handle: Handle, kind: SessionEventKind) {
        tracing::debug!(session = %handle, event = kind.name(), "session event");
        match kind {
            SessionEventKind::Destroyed => self.hub.ended(handle, EndReason::Destroyed),
            SessionEventKind::ReplayRevoked => self.hub.ended(handle, EndReason::Revoked),
            _ => {}
        }
        if let Some(events) = &self.events {
            events.on_event(&SessionEvent { handle, kind });
        }
    }

    async fn commit_live(&self, state: &mut State) -> Result<(), SessionError> {
        loop {
            let now = self.clock.now();
            let touch = self.touch_of(state, now);
            let Some(live) = state.live() else { return Err(SessionError::Gone) };
            let commit = Commit { patch: &state.patch, expected: None, touch, meta: state.meta.as_deref() };
            match self.store.commit(&live.key, commit, now).await? {
                Committed::Done(record) => {
                    self.hub.live(live.key, &record);
                    state.committed(record);
                    return Ok(());
                }
                // Ends: each round follows a rotation that another request has made meanwhile.
                Committed::Gone | Committed::Conflict => self.reload(state).await?,
            }
        }
    }

    async fn create(&self, state: &mut State) -> Result<(), SessionError> {
        let now = self.clock.now();
        let meta = state.meta.as_deref().cloned().unwrap_or_else(|| fresh_meta(now, &self.lifetime));
        let touch = self.lifetime.touch(&meta, now);
        let data = state.patch.apply(&SessionData::default());
        let record = Arc::new(Record { data, revision: 1, deadline: touch.deadline, seen_at: now, meta });
        for _ in 0..ID_ATTEMPTS {
            let id = SessionId::generate();
            let key = id.store_key();
            if self.store.create(&key, Arc::clone(&record), now).await? {
                let handle = record.meta.handle;
                let user = record.meta.identity().map(|identity| identity.user.clone());
                state.origin = Origin::Live(Live::new(id, key, Arc::clone(&record)));
                state.cookie = CookieChange::Set(id);
                state.committed(record);
                self.report(handle, SessionEventKind::Created);
                if let Some(user) = user {
                    self.report(handle, SessionEventKind::UserSet(user));
                }
                return Ok(());
            }
        }
        Err(StoreError::new(StoreErrorKind::Unavailable).into())
    }

    pub(super) fn touch_of(&self, state: &State, now: UnixMillis) -> Touch {
        match state.meta() {
            Some(meta) => self.lifetime.touch(meta, now),
            None => Touch { deadline: now, seen_at: now },
        }
    }
}
