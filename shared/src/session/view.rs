//! The session API's answers.

use alloc::string::String;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// What a page sees of its session: the answer to `GET /` and `PATCH /data`.
///
/// ```
/// use twinjar_shared::session::SessionView;
///
/// let view = SessionView { server_time: 1_767_225_600_000, session: None };
/// let json = serde_json::to_value(&view)?;
/// assert_eq!(json["active"], false);
/// assert_eq!(json["data"], serde_json::json!({}));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(from = "Wire", into = "Wire")]
pub struct SessionView {
    /// The server's present time.
    pub server_time: u64,
    /// The session, if there is one.
    pub session: Option<ActiveSession>,
}

/// A session as a page sees it.
#[derive(Clone, Debug, PartialEq)]
pub struct ActiveSession {
    /// The session's public name, which cannot be turned back into its id.
    pub handle: String,
    /// How often the data has changed.
    pub revision: u64,
    /// When the session began.
    pub created_at: u64,
    /// When it was last used.
    pub last_seen_at: u64,
    /// When it ends unless it is used before; `None` if idleness does not end it.
    pub idle_expires_at: Option<u64>,
    /// When it ends, used or not; `None` if nothing but idleness ends it.
    pub absolute_expires_at: Option<u64>,
    /// The user who signed in.
    pub user: Option<String>,
    /// The entries that the application exposes.
    pub data: Map<String, Value>,
}

/// One of a user's sessions: an element of the answer to `GET /devices`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Device {
    /// The session's public name.
    pub handle: String,
    /// When the session began.
    pub created_at: u64,
    /// When it was last used.
    pub last_seen_at: u64,
    /// What the application calls the device.
    pub label: Option<String>,
    /// Whether this is the session that asks.
    pub current: bool,
}

/// The answer to `POST /devices/revoke-others`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Revoked {
    /// How many sessions were ended.
    pub revoked: u64,
}

/// The view as it is sent: every member is always there, `null` without a session.
#[derive(Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
struct Wire {
    active: bool,
    handle: Option<String>,
    #[serde(default)]
    revision: u64,
    created_at: Option<u64>,
    last_seen_at: Option<u64>,
    idle_expires_at: Option<u64>,
    absolute_expires_at: Option<u64>,
    server_time: u64,
    user: Option<String>,
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    data: Map<String, Value>,
}

#[cfg(feature = "openapi")]
impl utoipa::PartialSchema for SessionView {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        <Wire as utoipa::PartialSchema>::schema()
    }
}

#[cfg(feature = "openapi")]
impl utoipa::ToSchema for SessionView {}

impl From<SessionView> for Wire {
    fn from(view: SessionView) -> Self {
        let mut wire = Self {
            active: false,
            handle: None,
            revision: 0,
            created_at: None,
            last_seen_at: None,
            idle_expires_at: None,
            absolute_expires_at: None,
            server_time: view.server_time,
            user: None,
            data: Map::new(),
        };
        if let Some(session) = view.session {
            wire.active = true;
            wire.handle = Some(session.handle);
            wire.revision = session.revision;
            wire.created_at = Some(session.created_at);
            wire.last_seen_at = Some(session.last_seen_at);
            wire.idle_expires_at = session.idle_expires_at;
            wire.absolute_expires_at = session.absolute_expires_at;
            wire.user = session.user;
            wire.data = session.data;
        }
        wire
    }
}

impl From<Wire> for SessionView {
    fn from(wire: Wire) -> Self {
        let session = wire.active.then(|| ActiveSession {
            handle: wire.handle.unwrap_or_default(),
            revision: wire.revision,
            created_at: wire.created_at.unwrap_or_default(),
            last_seen_at: wire.last_seen_at.unwrap_or_default(),
            idle_expires_at: wire.idle_expires_at,
            absolute_expires_at: wire.absolute_expires_at,
            user: wire.user,
            data: wire.data,
        });
        Self { server_time: wire.server_time, session }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn an_active_view_reads_and_writes_the_documented_members() {
        let json = serde_json::json!({
            "active": true, "handle": "h", "revision": 7, "createdAt": 1, "lastSeenAt": 2, "idleExpiresAt": 3,
            "absoluteExpiresAt": null, "serverTime": 5, "user": "alice", "data": { "n": 1 },
        });
        let view: SessionView = serde_json::from_value(json.clone()).unwrap();
        assert_eq!(view.session.as_ref().unwrap().user.as_deref(), Some("alice"));
        assert_eq!(serde_json::to_value(&view).unwrap(), json);
    }

    #[test]
    fn a_view_without_session_needs_no_more_than_this() {
        let view: SessionView = serde_json::from_str(r#"{"active":false,"serverTime":5}"#).unwrap();
        assert_eq!(view, SessionView { server_time: 5, session: None });
    }

    #[test]
    fn devices_use_camel_case() {
        let json = r#"{"handle":"h","createdAt":1,"lastSeenAt":2,"label":null,"current":true}"#;
        let device: Device = serde_json::from_str(json).unwrap();
        assert_eq!(serde_json::to_string(&device).unwrap(), json);
    }
}
