//! A session as a line of JSON.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use base64ct::{Base64UrlUnpadded, Encoding};
use serde::{Deserialize, Serialize};

use super::{StoredAlias, StoredSession};
use crate::store::{Identity, Meta, Record, SessionData, UserId};
use crate::{StoreKey, UnixMillis};

impl StoredSession {
    /// One line, without the line's end. Times are milliseconds since the Unix epoch, `null` for the end of time; keys
    /// are base64url; `data` is the JSON text that is stored, to the byte.
    pub fn to_line(&self) -> String {
        let Self { key, record, unconfirmed, aliases } = self;
        let meta = &record.meta;
        let line = Line {
            key: write(key.as_bytes()),
            unconfirmed: *unconfirmed,
            handle: meta.handle.as_str().into(),
            revision: record.revision,
            deadline: millis(record.deadline),
            seen_at: millis(record.seen_at),
            created_at: millis(meta.created_at),
            absolute_deadline: millis(meta.absolute_deadline),
            idle_timeout: u64::try_from(meta.idle_timeout.as_millis()).ok(),
            persistent: meta.persistent,
            user: meta.identity.as_deref().map(|identity| User {
                name: identity.user.as_str().into(),
                authenticated_at: millis(identity.authenticated_at),
            }),
            aliases: aliases.iter().map(AliasLine::from).collect(),
            data: record.data.as_str().into(),
        };
        serde_json::to_string(&line).expect("numbers and texts can be written")
    }

    /// Reads a line of [`to_line`](Self::to_line)'s.
    ///
    /// # Errors
    /// The line is none: what it holds is not repeated, for it is somebody's session.
    pub fn from_line(line: &str) -> Result<Self, InvalidLine> {
        let line: Line<'_> = serde_json::from_str(line).map_err(|_| InvalidLine)?;
        let identity = line.user.map(|user| Identity {
            user: UserId::new(&*user.name),
            authenticated_at: from_millis(user.authenticated_at),
        });
        let meta = Meta {
            handle: line.handle.parse().map_err(|_| InvalidLine)?,
            created_at: from_millis(line.created_at),
            absolute_deadline: from_millis(line.absolute_deadline),
            idle_timeout: line.idle_timeout.map_or(Duration::MAX, Duration::from_millis),
            persistent: line.persistent,
            identity: identity.map(Arc::new),
        };
        let record = Record {
            data: SessionData::parse(&*line.data).map_err(|_| InvalidLine)?,
            revision: line.revision,
            deadline: from_millis(line.deadline),
            seen_at: from_millis(line.seen_at),
            meta,
        };
        Ok(Self {
            key: StoreKey::from_bytes(read(&line.key)?),
            record: Arc::new(record),
            unconfirmed: line.unconfirmed,
            aliases: line.aliases.iter().map(StoredAlias::try_from).collect::<Result<_, _>>()?,
        })
    }
}

/// The text is no session. It may hold somebody's values, and is not repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidLine;

impl fmt::Display for InvalidLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("this is no session that was exported from a store")
    }
}

impl std::error::Error for InvalidLine {}

type Text<'a> = std::borrow::Cow<'a, str>;

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Line<'a> {
    #[serde(borrow)]
    key: Text<'a>,
    unconfirmed: bool,
    handle: Text<'a>,
    revision: u64,
    deadline: Option<u64>,
    seen_at: Option<u64>,
    created_at: Option<u64>,
    absolute_deadline: Option<u64>,
    idle_timeout: Option<u64>,
    persistent: bool,
    user: Option<User<'a>>,
    aliases: Vec<AliasLine<'a>>,
    data: Text<'a>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct User<'a> {
    name: Text<'a>,
    authenticated_at: Option<u64>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct AliasLine<'a> {
    #[serde(borrow)]
    key: Text<'a>,
    nonce: Option<Text<'a>>,
    /// Absent until a later key has been seen; an end of time does not occur.
    retire_at: Option<u64>,
}

impl From<&StoredAlias> for AliasLine<'_> {
    fn from(alias: &StoredAlias) -> Self {
        Self {
            key: write(alias.key.as_bytes()),
            nonce: alias.nonce.as_ref().map(|nonce| write(nonce)),
            retire_at: alias.retire_at.map(UnixMillis::as_millis),
        }
    }
}

impl TryFrom<&AliasLine<'_>> for StoredAlias {
    type Error = InvalidLine;

    fn try_from(alias: &AliasLine<'_>) -> Result<Self, InvalidLine> {
        Ok(Self {
            key: StoreKey::from_bytes(read(&alias.key)?),
            nonce: alias.nonce.as_deref().map(read).transpose()?,
            retire_at: alias.retire_at.map(UnixMillis::new),
        })
    }
}

fn write(bytes: &[u8]) -> Text<'static> {
    Base64UrlUnpadded::encode_string(bytes).into()
}

fn read<const N: usize>(text: &str) -> Result<[u8; N], InvalidLine> {
    Base64UrlUnpadded::decode_vec(text).ok().and_then(|bytes| bytes.try_into().ok()).ok_or(InvalidLine)
}

fn millis(moment: UnixMillis) -> Option<u64> {
    (moment != UnixMillis::MAX).then(|| moment.as_millis())
}

fn from_millis(millis: Option<u64>) -> UnixMillis {
    millis.map_or(UnixMillis::MAX, UnixMillis::new)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::test_support::{key, record};

    #[test]
    fn a_session_is_read_as_it_was_written() {
        for data in ["{}", "{ \"n\" :\r\n1.0,\"n\":2,\"text\":\"\\u0000 🦀 \\\"\" }"] {
            for (user, unconfirmed) in [(true, false), (false, true)] {
                let mut record = record(data);
                record.meta.absolute_deadline = UnixMillis::MAX;
                record.meta.idle_timeout = if user { Duration::MAX } else { Duration::from_millis(1) };
                record.meta.identity = record.meta.identity.filter(|_| user);
                let alias = |number, nonce, retire_at| StoredAlias { key: key(number), nonce, retire_at };
                let session = StoredSession {
                    key: key(1),
                    record: Arc::new(record),
                    unconfirmed,
                    aliases: vec![alias(2, None, Some(UnixMillis::new(5))), alias(3, Some([7; 16]), None)],
                };
                let line = session.to_line();
                assert!(!line.contains(['\n', '\r']), "{line}");
                assert_eq!(StoredSession::from_line(&line), Ok(session));
            }
        }
    }

    #[test]
    fn what_is_no_session_is_refused() {
        let session = StoredSession {
            key: key(1),
            record: Arc::new(record("{}")),
            unconfirmed: false,
            aliases: Vec::new(),
        };
        let line = session.to_line();
        for (old, new) in [
            ("\"{}\"", "\"[]\""),
            ("\"{}\"", "{}"),
            ("\"handle\":\"", "\"handle\":\"more than a handle has "),
            ("\"key\":\"", "\"key\":\"AA"),
            ("\"revision\":1", "\"revision\":-1"),
            ("\"persistent\"", "\"unknown\":1,\"persistent\""),
            ("\"unconfirmed\":false,", ""),
        ] {
            let other = line.replacen(old, new, 1);
            assert_ne!(other, line, "{old}");
            assert_eq!(StoredSession::from_line(&other), Err(InvalidLine), "{other}");
        }
        for text in ["", "{}", "[]", "hunter2", &line[..line.len() - 1]] {
            assert_eq!(StoredSession::from_line(text), Err(InvalidLine), "{text}");
        }
    }
}
