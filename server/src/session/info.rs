//! What a session is besides its data, as applications see it.

use std::time::Duration;

use crate::store::{Record, Revision, UserId};
use crate::{Handle, UnixMillis};

/// Facts about a session that the store has. The secret id is not among them.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SessionInfo {
    /// The public name.
    pub handle: Handle,
    /// How often its data has been committed.
    pub revision: Revision,
    /// When it began.
    pub created_at: UnixMillis,
    /// When it was last used, to within the touch interval.
    pub seen_at: UnixMillis,
    /// When it ends unless it is used before.
    pub idle_deadline: UnixMillis,
    /// When it ends in any case.
    pub absolute_deadline: UnixMillis,
    /// Who has logged in.
    pub user: Option<UserId>,
    /// When the user last proved who they are.
    pub authenticated_at: Option<UnixMillis>,
}

impl SessionInfo {
    pub(crate) fn of(record: &Record) -> Self {
        let identity = record.meta.identity();
        Self {
            handle: record.meta.handle,
            revision: record.revision,
            created_at: record.meta.created_at,
            seen_at: record.seen_at,
            idle_deadline: record.deadline,
            absolute_deadline: record.meta.absolute_deadline,
            user: identity.map(|identity| identity.user.clone()),
            authenticated_at: identity.map(|identity| identity.authenticated_at),
        }
    }
}

/// How long one session lives.
///
/// ```
/// use std::time::Duration;
/// use twinjar_server::Expiry;
///
/// const DAY: Duration = Duration::from_secs(86_400);
/// let remember_me = Expiry { idle: 14 * DAY, absolute: 90 * DAY, persistent: true };
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Expiry {
    /// How long it lives without being used.
    pub idle: Duration,
    /// How long it lives at most, from its beginning.
    pub absolute: Duration,
    /// Whether the cookie outlives the browser: it then carries `Max-Age`.
    pub persistent: bool,
}
