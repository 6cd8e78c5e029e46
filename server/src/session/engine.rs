//! The session engine: every step that waits for the store.

use std::sync::Arc;
use std::time::Duration;

use twinjar_shared::cookie::RawValue;
use twinjar_shared::session::EndReason;

use super::events::{SessionEvent, SessionEventKind, SessionEvents};
use super::foreign::{Adopter, Foreign};
use super::hub::Hub;
use super::replaced::ReplacedIds;
use super::spans::name_session;
use super::state::{CookieChange, Lifetime, Live, Origin, State, fresh_meta};
use super::{Locking, SessionError};
use crate::cookies::{CookieHeaders, CookieLines, Trust};
use crate::id::{SessionId, TokenForm, Verified};
use crate::store::{
    Alias, Commit, Committed, Identity, Loaded, Patch, Record, SessionData, SessionStore, StoreError,
    StoreErrorKind, Touch, UserId,
};
use crate::time::Clock;
use crate::{Handle, StoreKey, UnixMillis};

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
    pub(crate) save_uninitialized: bool,
    pub(crate) rolling: bool,
    pub(crate) save_on_server_error: bool,
    pub(crate) events: Option<Arc<dyn SessionEvents>>,
    pub(crate) hub: Arc<Hub>,
    pub(crate) replaced: ReplacedIds,
    pub(crate) lines: CookieLines,
    pub(crate) companion: Option<CookieLines>,
    pub(crate) trust: Trust,
    /// Takes the place of the store and of the steps below.
    pub(crate) foreign: Option<Box<dyn Foreign>>,
    pub(crate) adopter: Option<Box<dyn Adopter>>,
}

impl Engine {
    /// Finds the session that the request's cookies lead to. Every cookie of the name is tried, because a browser
    /// sends all it has; only ids with a good signature reach the store.
    pub(crate) async fn load(&self, cookies: &CookieHeaders, state: &mut State) -> Result<(), SessionError> {
        foreign!(self, foreign => foreign.load(self, cookies, state).await);
        let now = self.clock.now();
        state.read_at = now;
        let mut presented = false;
        for value in cookies.get_all(self.token.name()) {
            presented = true;
            let Some((id, key, cookie)) = self.accept(value) else { continue };
            let Some(loaded) = self.store.load(&key, now).await? else {
                state.overtaken |= self.replaced.contains(&key, now);
                continue;
            };
            if let Some((live, cookie)) = self.settle(id, key, cookie, loaded, state.watching, now).await? {
                name_session(live.record.meta.handle);
                state.origin = Origin::Live(live);
                state.cookie = cookie;
                return Ok(());
            }
        }
        state.absent(presented);
        if let Some(adoption) = self.adoption(cookies, state) { adoption.await } else { Ok(()) }
    }

    /// The same for the usual request to a store that can tell at once: its first cookie is good, and there is nothing
    /// to wait for. `false`: this is another one, and nothing has happened.
    pub(crate) fn peek(&self, cookies: &CookieHeaders, state: &mut State) -> bool {
        if self.locking != Locking::Merge && !state.watching {
            return false;
        }
        let first = cookies.get_all(self.token.name()).next();
        let Some((id, key, cookie)) = first.and_then(|value| self.accept(value)) else { return false };
        let now = self.clock.now();
        let Some(record) = self.store.peek(&key, now) else { return false };
        state.read_at = now;
        state.origin = Origin::Live(Live { id, key, record, lock: None });
        state.cookie = cookie;
        true
    }

    /// Loads the session again, with what other requests have committed meanwhile.
    pub(crate) async fn reload(&self, state: &mut State) -> Result<(), SessionError> {
        foreign!(self, foreign => foreign.reload(self, state).await);
        let Origin::Live(live) = &mut state.origin else { return Ok(()) };
        match self.resolve(&live.key).await? {
            Some((key, record)) => {
                (live.key, live.record) = (key, record);
                Ok(())
            }
            None => {
                state.gone();
                Err(SessionError::Gone)
            }
        }
    }

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
        if state.live().is_some() {
            self.rotate(state, false).await?;
        } else {
            state.must_begin = true;
        }
        self.report(handle, SessionEventKind::UserSet(user));
        Ok(())
    }

    /// Ends the session, in the store first.
    pub(crate) async fn destroy(&self, state: &mut State) -> Result<(), SessionError> {
        foreign!(self, foreign => foreign.destroy(self, state).await);
        if let Some(live) = state.live() {
            let (handle, now) = (live.record.meta.handle, self.clock.now());
            self.store.delete(&live.key, now).await?;
            self.report(handle, SessionEventKind::Destroyed);
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
        !state.has_changes() && !self.save_uninitialized && !state.live().is_some_and(touch_due)
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
        let now = self.clock.now();
        if let Origin::Live(live) = &mut state.origin
            && !changed
            && (self.rolling || self.lifetime.touch_is_due(&live.record, state.read_at))
        {
            let touch = self.lifetime.touch(&live.record.meta, now);
            if self.store.touch(&live.key, touch, now).await? {
                let record = Arc::make_mut(&mut live.record);
                (record.deadline, record.seen_at) = (touch.deadline, touch.seen_at);
                self.hub.live(live.key, record);
                state.news = true;
            }
        }
        // A persistent cookie ends when the session does, so it follows every postponement.
        if let Some(live) = state.live()
            && state.cookie == CookieChange::Keep
            && (self.rolling || live.record.meta.persistent)
        {
            state.cookie = CookieChange::Set(live.id);
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

    /// The id in a cookie, if its signature is good, and what the response says of the cookie.
    pub(super) fn accept(&self, value: RawValue<'_>) -> Option<(SessionId, StoreKey, CookieChange)> {
        let Verified { id, key, key_index } = self.token.verify(value.as_bytes())?;
        // A cookie signed by an older key is signed anew by the first.
        Some((id, key, if key_index == 0 { CookieChange::Keep } else { CookieChange::Set(id) }))
    }

    /// Follows a rotation, and waits for the session's turn where requests take turns.
    pub(super) async fn settle(
        &self,
        id: SessionId,
        key: StoreKey,
        cookie: CookieChange,
        loaded: Loaded,
        watching: bool,
        now: UnixMillis,
    ) -> Result<Option<(Live, CookieChange)>, SessionError> {
        let (live, cookie) = match loaded {
            Loaded::Live { record, unconfirmed } => {
                if unconfirmed {
                    self.store.confirm_rotation(&key, now + self.lifetime.rotation_grace).await?;
                }
                (Live { id, key, record, lock: None }, cookie)
            }
            Loaded::Alias(Alias { successor, record, nonce }) => {
                let next = nonce.and_then(|nonce| self.token.find_successor(&id, &nonce, &successor));
                // The answer that carried the new id may be lost: it is told again until it has been seen.
                let cookie = next.map_or(CookieChange::Keep, CookieChange::Set);
                (Live { id: next.unwrap_or(id), key: successor, record, lock: None }, cookie)
            }
            Loaded::Retired { successor } => {
                self.revoke_replayed(&successor, now).await?;
                return Ok(None);
            }
        };
        match self.locking {
            Locking::Exclusive if !watching => Ok(self.take_turn(live).await?.map(|live| (live, cookie))),
            Locking::Exclusive | Locking::Merge => Ok(Some((live, cookie))),
        }
    }

    /// Waits until no other request has the session, and reads it as that one left it.
    async fn take_turn(&self, mut live: Live) -> Result<Option<Live>, SessionError> {
        loop {
            let lock = self.lock(&live.key).await?;
            let Some((key, record)) = self.resolve(&live.key).await? else { return Ok(None) };
            live.record = record;
            if key == live.key {
                live.lock = Some(lock);
                return Ok(Some(live));
            }
            live.key = key;
        }
    }

    async fn revoke_replayed(&self, successor: &StoreKey, now: UnixMillis) -> Result<(), SessionError> {
        if let Some((key, record)) = self.resolve(successor).await? {
            self.store.delete(&key, now).await?;
            tracing::warn!(session = %record.meta.handle, "a retired session id was used; the session is revoked");
            self.report(record.meta.handle, SessionEventKind::ReplayRevoked);
        }
        Ok(())
    }

    /// Where the session that was under `key` is by now.
    pub(super) async fn resolve(
        &self,
        key: &StoreKey,
    ) -> Result<Option<(StoreKey, Arc<Record>)>, SessionError> {
        Ok(match self.store.load(key, self.clock.now()).await? {
            Some(Loaded::Live { record, .. }) => Some((*key, record)),
            Some(Loaded::Alias(alias)) => Some((alias.successor, alias.record)),
            Some(Loaded::Retired { .. }) | None => None,
        })
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
        let record = Record { data, revision: 1, deadline: touch.deadline, seen_at: now, meta };
        for _ in 0..ID_ATTEMPTS {
            let id = SessionId::generate();
            let key = id.store_key();
            if self.store.create(&key, record.clone(), now).await? {
                let record = Arc::new(record);
                let handle = record.meta.handle;
                state.origin = Origin::Live(Live { id, key, record: Arc::clone(&record), lock: None });
                state.cookie = CookieChange::Set(id);
                state.committed(record);
                self.report(handle, SessionEventKind::Created);
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
