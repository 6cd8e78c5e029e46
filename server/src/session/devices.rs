//! All sessions of the user who has logged in.

use std::sync::Arc;

use twinjar_shared::session::EndReason;

use super::{Engine, Session, SessionError, SessionEventKind, SessionInfo};
use crate::Handle;
use crate::store::{Record, UserId};

impl Session {
    /// The live sessions of this session's user, this one first, then the last used first. `None`: nobody has
    /// logged in.
    ///
    /// # Errors
    /// [`SessionError::Store`], [`SessionError::NotSupported`].
    pub async fn sessions_of_user(&self) -> Result<Option<Vec<SessionInfo>>, SessionError> {
        let records = self.records_of_user().await?;
        Ok(records.map(|records| records.iter().map(|record| SessionInfo::of(record)).collect()))
    }

    /// The same with their data.
    pub(crate) async fn records_of_user(&self) -> Result<Option<Vec<Arc<Record>>>, SessionError> {
        let Some((user, own)) = self.user_and_handle().await? else { return Ok(None) };
        let engine = self.engine();
        let listed = engine.store.list(&user, engine.clock.now()).await?;
        let mut records: Vec<_> = listed.into_iter().map(|(_, record)| record).collect();
        records.sort_by_key(|record| (record.meta.handle != own, std::cmp::Reverse(record.seen_at)));
        Ok(Some(records))
    }

    /// Ends one of the user's sessions, on whatever device. `false`: the user has no such session.
    ///
    /// # Errors
    /// [`SessionError::Store`], [`SessionError::NotSupported`].
    pub async fn end_session_of_user(&self, handle: Handle) -> Result<bool, SessionError> {
        let Some((user, own)) = self.user_and_handle().await? else { return Ok(false) };
        if handle == own {
            self.destroy().await?;
            return Ok(true);
        }
        let (engine, now) = (self.engine(), self.engine().clock.now());
        // Ends: each round follows a login that has moved the session to another key meanwhile.
        loop {
            let records = engine.store.list(&user, now).await?;
            let Some((key, _)) = records.iter().find(|(_, record)| record.meta.handle == handle) else {
                return Ok(false);
            };
            engine.announce_revocation(std::iter::once(handle)).await;
            if engine.store.delete(key, now).await? {
                engine.report_revoked(handle);
                return Ok(true);
            }
        }
    }

    /// Ends all sessions of the user but this one; answers how many.
    ///
    /// # Errors
    /// [`SessionError::Store`], [`SessionError::NotSupported`].
    pub async fn end_other_sessions_of_user(&self) -> Result<u64, SessionError> {
        self.require_lists()?;
        let state = self.loaded().await?;
        let Some((live, identity)) = state.live().and_then(|live| Some((live, live.record.meta.identity()?)))
        else {
            return Ok(0);
        };
        let engine = self.engine();
        let (own, now) = (live.record.meta.handle, engine.clock.now());
        let known = engine.store.list(&identity.user, now).await?;
        let others = known.iter().map(|(_, record)| record.meta.handle).filter(|&handle| handle != own);
        engine.announce_revocation(others).await;
        let ended = engine.store.delete_all_of(&identity.user, Some(&live.key), now).await?;
        let left = engine.store.list(&identity.user, now).await?;
        let handle = |(_, record): &(_, Arc<Record>)| record.meta.handle;
        let is_left = |known: Handle| known == own || left.iter().map(handle).any(|left| left == known);
        for handle in known.iter().map(handle).filter(|&known| !is_left(known)) {
            engine.report_revoked(handle);
        }
        Ok(ended)
    }

    async fn user_and_handle(&self) -> Result<Option<(UserId, Handle)>, SessionError> {
        self.require_lists()?;
        let state = self.loaded().await?;
        let meta = state.live().map(|live| &live.record.meta);
        Ok(meta.and_then(|meta| Some((meta.identity()?.user.clone(), meta.handle))))
    }

    /// Nobody can list, and so nobody can end, what a foreign format keeps.
    fn require_lists(&self) -> Result<(), SessionError> {
        if self.engine().foreign.is_some() { Err(SessionError::NotSupported) } else { Ok(()) }
    }
}

impl Engine {
    /// A session was ended from another one.
    fn report_revoked(&self, handle: Handle) {
        self.hub.ended(handle, EndReason::Revoked);
        self.report(handle, SessionEventKind::Destroyed);
    }
}
