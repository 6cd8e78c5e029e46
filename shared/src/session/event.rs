//! What the event stream of the session API tells.

use serde::{Deserialize, Serialize};

/// An event: its name is the `event` field of the stream, its JSON the `data` field.
///
/// ```
/// use twinjar_shared::session::SessionEvent;
///
/// let event = SessionEvent::Changed { revision: 8 };
/// assert_eq!(event.name(), "changed");
/// assert_eq!(serde_json::to_string(&event)?, r#"{"type":"changed","revision":8}"#);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", rename_all_fields = "camelCase")]
#[non_exhaustive]
pub enum SessionEvent {
    /// The data changed.
    Changed {
        /// The data's revision now.
        revision: u64,
    },
    /// The session ends soon unless it is used.
    Expiring {
        /// When, in milliseconds since the Unix epoch.
        expires_at: u64,
    },
    /// The session is over.
    Ended {
        /// Why.
        reason: EndReason,
    },
}

impl SessionEvent {
    /// The event's name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Changed { .. } => "changed",
            Self::Expiring { .. } => "expiring",
            Self::Ended { .. } => "ended",
        }
    }
}

/// Why a session is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum EndReason {
    /// It was destroyed, by a sign-out for one.
    Destroyed,
    /// One of its deadlines passed.
    Expired,
    /// It was ended from elsewhere: another device, an administrator, or the theft of its id.
    Revoked,
}
