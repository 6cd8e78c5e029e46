//! What happens to sessions, for audit logs and metrics.

use std::fmt;

use crate::Handle;
use crate::store::UserId;

/// Receives what happens to sessions. Called from within requests: be quick, or hand the event on.
pub trait SessionEvents: Send + Sync + 'static {
    /// Something has happened to a session, and is in the store.
    fn on_event(&self, event: &SessionEvent);
}

impl<F: Fn(&SessionEvent) + Send + Sync + 'static> SessionEvents for F {
    fn on_event(&self, event: &SessionEvent) {
        self(event);
    }
}

/// Something that has happened to a session, which is named by its public handle.
#[derive(Clone, Debug)]
pub struct SessionEvent {
    /// Which session.
    pub handle: Handle,
    /// What happened.
    pub kind: SessionEventKind,
}

/// The things that happen to sessions.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum SessionEventKind {
    /// It began.
    Created,
    /// Its id changed.
    Rotated,
    /// A user logged in; the id changed with it.
    UserSet(UserId),
    /// It was ended.
    Destroyed,
    /// Its time ran out. Told by the server that sweeps it out of the store, which is some time after: up to about a
    /// minute in memory, about two hours elsewhere. Redis removes its records itself, and nobody hears of it.
    Expired,
    /// A retired id was used after its grace: somebody may have stolen it, so the session was ended.
    ReplayRevoked,
}

impl SessionEventKind {
    /// A stable word for logs.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Rotated => "rotated",
            Self::UserSet(_) => "user_set",
            Self::Destroyed => "destroyed",
            Self::Expired => "expired",
            Self::ReplayRevoked => "replay_revoked",
        }
    }
}

impl fmt::Display for SessionEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "session {} {}", self.handle, self.kind.name())
    }
}
