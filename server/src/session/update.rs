//! Changing a value by what it is, without losing what others change meanwhile.

use futures_util::FutureExt;

use super::{ReadKey, Session, SessionError, State, WriteKey};

/// Attempts of `update` before it gives up on a session that never holds still.
const UPDATE_ATTEMPTS: u32 = 32;

impl Session {
    /// Changes a value by what it is, atomically, also across servers: `change` gets the value as stored by now and
    /// is called again if another request commits in between. Committed at once when there is a session.
    ///
    /// # Errors
    /// As [`get`](Self::get) and [`insert`](Self::insert); [`SessionError::Conflict`] after 32 attempts;
    /// [`SessionError::Gone`] when the session has been ended meanwhile.
    pub async fn update<T, K>(
        &self,
        key: K,
        mut change: impl FnMut(Option<T>) -> T,
    ) -> Result<T, SessionError>
    where
        K: ReadKey<T> + for<'a> WriteKey<&'a T>,
    {
        if !self.0.engine.answers_at_once
            && let Some(updated) = self.update_recalled(&key, &mut change).await?
        {
            return Ok(updated);
        }
        let mut state = self.loaded().await?;
        drive!(self.0.engine, "update", self.update_in(&mut state, &key, &mut change))
    }

    async fn update_in<T, K>(
        &self,
        state: &mut State,
        key: &K,
        change: &mut impl FnMut(Option<T>) -> T,
    ) -> Result<T, SessionError>
    where
        K: ReadKey<T> + for<'a> WriteKey<&'a T>,
    {
        let (engine, name) = (&self.0.engine, ReadKey::<T>::name(key));
        let mut turn = None;
        for _ in 0..UPDATE_ATTEMPTS {
            let before = state.value(name).map(|json| key.decode(json)).transpose()?;
            let after = change(before);
            let mut patch = state.patch.clone();
            patch.set(name, key.encode(&after)?);
            engine.check_size(state, &patch)?;
            let Some(live) = state.live() else {
                state.patch = patch;
                self.settle_late(state).await?;
                return Ok(after);
            };
            let needs_turn = (turn.is_none() && live.lock.is_none()).then_some(live.key);
            if engine.commit_if_unchanged(state, &patch).await? {
                return Ok(after);
            }
            if let Some(key) = needs_turn {
                // From the second attempt on in turn with other updates, so that none starves.
                turn = Some(engine.lock(&key).await?);
            }
            engine.refresh(state).await?;
        }
        Err(SessionError::Conflict { attempts: UPDATE_ATTEMPTS })
    }
}
