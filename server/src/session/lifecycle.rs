//! How a session ends, changes its id, and becomes a user's.

use futures_util::FutureExt;

use super::{Expiry, Session, SessionError};
use crate::store::UserId;

impl Session {
    /// Ends the session: in the store at once, and in the browser with the response. Values set afterwards begin
    /// a new session under a new id.
    ///
    /// # Errors
    /// [`SessionError::Store`]: the session may still be there.
    pub async fn destroy(&self) -> Result<(), SessionError> {
        let mut state = self.loaded().await?;
        drive!(self.0.engine, "destroy", self.0.engine.destroy(&mut state))
    }

    /// Gives the session a new id and keeps the data. The old id leads to it until the new one has been seen plus
    /// a short grace, so that parallel requests and lost responses strand nobody; its use after that revokes the
    /// session.
    ///
    /// # Errors
    /// [`SessionError::Store`], [`SessionError::Gone`], [`SessionError::ResponseSent`].
    pub async fn rotate(&self) -> Result<(), SessionError> {
        let mut state = self.loaded().await?;
        self.refuse_late()?;
        drive!(self.0.engine, "rotate", self.0.engine.rotate(&mut state, true))
    }

    /// Logs a user in: the session, begun if there is none, gets a new id and the old one is dead at once.
    /// The data stays, unless it was another user's.
    ///
    /// # Errors
    /// As [`rotate`](Self::rotate).
    pub async fn set_user(&self, user: UserId) -> Result<(), SessionError> {
        let mut state = self.loaded().await?;
        self.refuse_late()?;
        drive!(self.0.engine, "set_user", self.0.engine.set_user(&mut state, user.clone()))
    }

    /// Who has logged in.
    ///
    /// # Errors
    /// [`SessionError::Store`].
    pub async fn user(&self) -> Result<Option<UserId>, SessionError> {
        let state = self.loaded().await?;
        Ok(state.meta().and_then(|meta| meta.identity()).map(|identity| identity.user.clone()))
    }

    /// Sets how long this session lives ("remember me"); a session begins if there is none.
    ///
    /// # Errors
    /// [`SessionError::Store`].
    pub async fn set_expiry(&self, expiry: Expiry) -> Result<(), SessionError> {
        let mut state = self.loaded().await?;
        let now = self.0.engine.clock.now();
        let meta = state.meta_mut(now, &self.0.engine.lifetime);
        meta.idle_timeout = expiry.idle;
        meta.absolute_deadline = meta.created_at + expiry.absolute;
        meta.persistent = expiry.persistent;
        state.must_begin = true;
        self.settle_late(&mut state).await
    }
}
