//! Changing a value by what it is, without losing what others change meanwhile.

use futures_util::FutureExt;

use super::{ReadKey, Session, SessionError, State, WriteKey};
use crate::store::Patch;

/// Attempts before a change gives up on a session that never holds still.
const ATTEMPTS: u32 = 32;

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
        let name = ReadKey::<T>::name(&key);
        let mut step = |json: Option<&str>, patch: &mut Patch| {
            let after = change(json.map(|json| key.decode(json)).transpose()?);
            patch.set(name, key.encode(&after)?);
            Ok(Some(after))
        };
        let updated = drive!(self.0.engine, "update", self.change_by(&mut state, name, &mut step))?;
        Ok(updated.expect("an update always has a successor"))
    }

    /// Reads a value and removes it: for messages that are shown once (“flash”), say across a redirect. Of parallel
    /// requests one gets it. Committed at once when there is a session.
    ///
    /// # Errors
    /// As [`update`](Self::update); a value that cannot be read stays.
    pub async fn take<T>(&self, key: impl ReadKey<T>) -> Result<Option<T>, SessionError> {
        let mut state = self.loaded().await?;
        let name = key.name();
        let mut step = |json: Option<&str>, patch: &mut Patch| {
            let value = json.map(|json| key.decode(json)).transpose()?;
            patch.remove(name);
            Ok(value)
        };
        drive!(self.0.engine, "take", self.change_by(&mut state, name, &mut step))
    }

    /// Commits what `step` makes of a value, if the session is still what it was then; else the step is taken again.
    /// Nothing is changed where it gives `None`.
    async fn change_by<T>(
        &self,
        state: &mut State,
        name: &str,
        step: &mut impl FnMut(Option<&str>, &mut Patch) -> Result<Option<T>, SessionError>,
    ) -> Result<Option<T>, SessionError> {
        let engine = &self.0.engine;
        let mut turn = None;
        for _ in 0..ATTEMPTS {
            let mut patch = state.patch.clone();
            let Some(outcome) = step(state.value(name), &mut patch)? else { return Ok(None) };
            let patch = engine.admit(state, patch)?;
            let Some(live) = state.live() else {
                state.patch = patch;
                self.settle_late(state).await?;
                return Ok(Some(outcome));
            };
            let needs_turn = (turn.is_none() && live.lock.is_none()).then_some(live.key);
            if engine.commit_if_unchanged(state, &patch).await? {
                return Ok(Some(outcome));
            }
            if let Some(key) = needs_turn {
                // From the second attempt on in turn with other changes, so that none starves.
                turn = Some(engine.lock(&key).await?);
            }
            engine.refresh(state).await?;
        }
        Err(SessionError::Conflict { attempts: ATTEMPTS })
    }
}
