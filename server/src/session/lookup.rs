//! From the request's cookies to its session, across rotations.

use std::sync::Arc;

use smallvec::SmallVec;
use twinjar_shared::cookie::RawValue;

use super::spans::name_session;
use super::state::{CookieChange, Live, Moved, Origin, State};
use super::{Engine, Locking, SessionError, SessionEventKind};
use crate::cookies::CookieHeaders;
use crate::id::{SessionId, Verified};
use crate::store::{Alias, Loaded, StoreErrorKind};
use crate::{StoreKey, UnixMillis};

/// Ids of one request that are looked up. A browser has a few at most: one for each path and domain.
const MOST_CANDIDATES: usize = 8;

impl Engine {
    /// Finds the session that the request's cookies lead to. Every cookie of the name is tried, because a browser
    /// sends all it has; only ids with a good signature reach the store.
    pub(crate) async fn load(&self, cookies: &CookieHeaders, state: &mut State) -> Result<(), SessionError> {
        foreign!(self, foreign => foreign.load(self, cookies, state).await);
        let now = self.clock.now();
        state.read_at = now;
        let (mut presented, mut left_out) = (false, false);
        let mut tried = SmallVec::<[StoreKey; 1]>::new();
        for value in cookies.get_all(self.token.name()) {
            presented = true;
            let Some((id, key, cookie)) = self.accept(value) else { continue };
            if tried.contains(&key) {
                continue;
            }
            if tried.len() == MOST_CANDIDATES {
                left_out = true;
                break;
            }
            tried.push(key);
            let Some(loaded) = self.store.load(&key, now).await? else {
                state.overtaken |= self.is_replaced(&key).await?;
                continue;
            };
            if let Some((live, cookie)) =
                self.settle(id, key, cookie, loaded, state.takes_turn(), now).await?
            {
                name_session(live.record.meta.handle);
                state.origin = Origin::Live(live);
                state.cookie = cookie;
                return Ok(());
            }
        }
        // What has not been tried may be the live one.
        state.absent(presented && !left_out);
        if let Some(adoption) = self.adoption(cookies, state) { adoption.await } else { Ok(()) }
    }

    /// The same for the usual request: it has no cookie, or its first one is good and the store can tell at once. `false`:
    /// this is another one, and nothing has happened.
    pub(crate) fn peek(&self, cookies: &CookieHeaders, state: &mut State) -> bool {
        let Some(first) = cookies.get_all(self.token.name()).next() else {
            let is_absent = self.foreign.is_none() && self.adopter.is_none();
            if is_absent {
                state.absent(false);
            }
            return is_absent;
        };
        if self.locking != Locking::Merge && state.takes_turn() {
            return false;
        }
        let Some((id, key, cookie)) = self.accept(first) else { return false };
        let now = self.clock.now();
        let Some(record) = self.store.peek(&key, now) else { return false };
        state.read_at = now;
        state.origin = Origin::Live(Live::new(id, key, record));
        state.cookie = cookie;
        true
    }

    /// Loads the session again, with what other requests have committed meanwhile.
    pub(crate) async fn reload(&self, state: &mut State) -> Result<(), SessionError> {
        foreign!(self, foreign => foreign.reload(self, state).await);
        let Origin::Live(live) = &mut state.origin else { return Ok(()) };
        let key = live.key;
        if !self.find_again(live).await? {
            state.gone();
            return Err(SessionError::Gone);
        }
        if live.key != key {
            state.cookie = live.cookie_after_move();
        }
        Ok(())
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
        takes_turn: bool,
        now: UnixMillis,
    ) -> Result<Option<(Live, CookieChange)>, SessionError> {
        let (live, cookie) = match loaded {
            Loaded::Live { record, unconfirmed } => {
                if unconfirmed {
                    self.confirm_rotation(&key, now).await?;
                }
                (Live::new(id, key, record), cookie)
            }
            Loaded::Alias(alias) => {
                let mut live = Live::new(id, key, Arc::clone(&alias.record));
                self.follow_alias(&mut live, alias);
                // The answer that carried the new id may be lost: it is told again until it has been seen.
                let cookie = live.cookie_after_move();
                (live, cookie)
            }
            Loaded::Retired { successor } => {
                self.revoke_replayed(&successor, now).await?;
                return Ok(None);
            }
        };
        match self.locking {
            Locking::Exclusive if takes_turn => self.take_turn(live, cookie).await,
            Locking::Exclusive | Locking::Merge => Ok(Some((live, cookie))),
        }
    }

    /// Where the store takes no writes, the aliases last until it does.
    async fn confirm_rotation(&self, key: &StoreKey, now: UnixMillis) -> Result<(), SessionError> {
        match self.store.confirm_rotation(key, now + self.lifetime.rotation_grace).await {
            Err(error) if matches!(error.kind(), StoreErrorKind::Full | StoreErrorKind::ReadOnly) => {
                tracing::warn!(%error, "it was not written down that a new session id has been seen");
                Ok(())
            }
            outcome => Ok(outcome?),
        }
    }

    /// Waits until no other request has the session, and reads it as that one left it.
    async fn take_turn(
        &self,
        mut live: Live,
        mut cookie: CookieChange,
    ) -> Result<Option<(Live, CookieChange)>, SessionError> {
        loop {
            let key = live.key;
            let lock = self.lock(&key).await?;
            if !self.find_again(&mut live).await? {
                return Ok(None);
            }
            if live.key == key {
                live.lock = Some(lock);
                return Ok(Some((live, cookie)));
            }
            cookie = live.cookie_after_move();
        }
    }

    /// Reads the session anew where it is by now. `false`: it is nowhere.
    async fn find_again(&self, live: &mut Live) -> Result<bool, SessionError> {
        match self.store.load(&live.key, self.clock.now()).await? {
            Some(Loaded::Live { record, .. }) => live.record = record,
            Some(Loaded::Alias(alias)) => self.follow_alias(live, alias),
            Some(Loaded::Retired { .. }) | None => return Ok(false),
        }
        Ok(true)
    }

    fn follow_alias(&self, live: &mut Live, Alias { successor, record, nonce }: Alias) {
        let next = live.current_id().zip(nonce);
        let next = next.and_then(|(id, nonce)| self.token.find_successor(&id, &nonce, &successor));
        live.moved = next.map_or(Moved::Away, Moved::To);
        (live.key, live.record) = (successor, record);
    }

    async fn revoke_replayed(&self, successor: &StoreKey, now: UnixMillis) -> Result<(), SessionError> {
        let (key, record) = match self.store.load(successor, now).await? {
            Some(Loaded::Live { record, .. }) => (*successor, record),
            Some(Loaded::Alias(alias)) => (alias.successor, alias.record),
            Some(Loaded::Retired { .. }) | None => return Ok(()),
        };
        self.announce_revocation(std::iter::once(record.meta.handle)).await;
        if self.store.delete(&key, now).await? {
            tracing::warn!(session = %record.meta.handle, "a retired session id was used; the session is revoked");
            self.report(record.meta.handle, SessionEventKind::ReplayRevoked);
        }
        Ok(())
    }
}
