//! A record as a string of Redis', and back. The scripts know the same layout.

use std::sync::Arc;
use std::time::Duration;

use super::error::corrupt;
use crate::UnixMillis;
use crate::store::{Identity, Meta, Record, SessionData, StoreError, UserId};

/// The layout's version, and what tells a record from an alias.
const RECORD: u8 = 2;
/// The same without a stamp: still read, no longer written.
const UNSTAMPED: u8 = 1;

/// What stands ahead of user and data, the stamp included.
const HEAD_BYTES: usize = 86;

const PERSISTENT: u8 = 1;
const UNCONFIRMED: u8 = 2;
const HAS_USER: u8 = 4;

/// The greatest time that the numbers of the scripts hold exactly: the end of time.
pub(super) const NEVER: u64 = (1 << 53) - 1;

/// Times beyond the year 9999: Redis would not take them.
pub(super) const ENDLESS: u64 = 253_402_300_800_000;

/// Drawn for each commit. A revision comes again where Redis has lost writes, or was given back what it had before; a
/// stamp does not.
pub(super) type Stamp = [u8; 8];

/// A record as Redis has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Stamped {
    pub(super) record: Arc<Record>,
    /// `None` where it was written without one.
    pub(super) stamp: Option<Stamp>,
    /// Its key is new from a rotation, and has not been seen.
    pub(super) unconfirmed: bool,
}

pub(super) fn encode(record: &Record, stamp: &Stamp) -> Vec<u8> {
    let (user, data) = (user_of(record), record.data.as_str());
    let mut bytes = Vec::with_capacity(HEAD_BYTES + user.len() + data.len());
    write_head(&mut bytes, record, Some(stamp), false);
    bytes.extend(user.as_bytes());
    bytes.extend(data.as_bytes());
    bytes
}

impl Stamped {
    /// What the record's bytes begin with in Redis.
    pub(super) fn head(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(HEAD_BYTES);
        write_head(&mut bytes, &self.record, self.stamp.as_ref(), self.unconfirmed);
        bytes
    }

    /// Whether a change of its data is all that there is to store: no user's index follows it, and its key has been seen.
    pub(super) fn stands_alone(&self) -> bool {
        self.record.meta.identity.is_none() && !self.unconfirmed
    }
}

/// How long a record lives from now on, in milliseconds as Redis takes them. `None`: without end, or it is over.
pub(super) fn life(record: &Record, now: UnixMillis) -> Option<String> {
    // From now on, by whatever clock.
    let life = record.deadline.since(now).as_millis();
    (record.deadline.as_millis() < ENDLESS && life > 0).then(|| life.to_string())
}

fn user_of(record: &Record) -> &str {
    record.meta.identity().map_or("", |identity| identity.user.as_str())
}

fn write_head(bytes: &mut Vec<u8>, record: &Record, stamp: Option<&Stamp>, unconfirmed: bool) {
    let (meta, user) = (&record.meta, user_of(record));
    let identity = meta.identity();
    let authenticated_at = identity.map_or(UnixMillis::default(), |identity| identity.authenticated_at);
    let mut flags = 0;
    for (flag, is_set) in
        [(PERSISTENT, meta.persistent), (UNCONFIRMED, unconfirmed), (HAS_USER, identity.is_some())]
    {
        flags |= if is_set { flag } else { 0 };
    }
    bytes.extend([if stamp.is_some() { RECORD } else { UNSTAMPED }, flags]);
    bytes.extend(record.revision.to_be_bytes());
    for moment in [record.deadline, record.seen_at, meta.created_at, meta.absolute_deadline] {
        bytes.extend(millis(moment).to_be_bytes());
    }
    bytes.extend(span(meta.idle_timeout).to_be_bytes());
    bytes.extend(meta.handle.as_str().as_bytes());
    bytes.extend(millis(authenticated_at).to_be_bytes());
    bytes.extend(u32::try_from(user.len()).unwrap_or(u32::MAX).to_be_bytes());
    bytes.extend(stamp.into_iter().flatten());
}

pub(super) fn decode(bytes: &[u8]) -> Result<Stamped, StoreError> {
    parse(bytes).ok_or_else(corrupt)
}

pub(super) fn millis(moment: UnixMillis) -> u64 {
    moment.as_millis().min(NEVER)
}

pub(super) fn from_millis(millis: u64) -> UnixMillis {
    if millis >= NEVER { UnixMillis::MAX } else { UnixMillis::new(millis) }
}

fn span(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(NEVER).min(NEVER)
}

fn from_span(millis: u64) -> Duration {
    if millis >= NEVER { Duration::MAX } else { Duration::from_millis(millis) }
}

fn parse(bytes: &[u8]) -> Option<Stamped> {
    let ([layout @ (RECORD | UNSTAMPED), flags], rest) = bytes.split_first_chunk()? else { return None };
    let (revision, rest) = number(rest)?;
    let (deadline, rest) = number(rest)?;
    let (seen_at, rest) = number(rest)?;
    let (created_at, rest) = number(rest)?;
    let (absolute_deadline, rest) = number(rest)?;
    let (idle_timeout, rest) = number(rest)?;
    let (handle, rest) = rest.split_first_chunk::<16>()?;
    let (authenticated_at, rest) = number(rest)?;
    let (user_bytes, rest) = rest.split_first_chunk()?;
    let (stamp, rest) = match *layout {
        UNSTAMPED => (None, rest),
        _ => rest.split_first_chunk().map(|(stamp, rest)| (Some(*stamp), rest))?,
    };
    let (user, data) = rest.split_at_checked(usize::try_from(u32::from_be_bytes(*user_bytes)).ok()?)?;
    let user = std::str::from_utf8(user).ok()?;
    let identity = (flags & HAS_USER != 0).then(|| {
        Arc::new(Identity { user: UserId::new(user), authenticated_at: from_millis(authenticated_at) })
    });
    let meta = Meta {
        handle: std::str::from_utf8(handle).ok()?.parse().ok()?,
        created_at: from_millis(created_at),
        absolute_deadline: from_millis(absolute_deadline),
        idle_timeout: from_span(idle_timeout),
        persistent: flags & PERSISTENT != 0,
        identity,
    };
    let data = SessionData::parse(std::str::from_utf8(data).ok()?).ok()?;
    let (deadline, seen_at) = (from_millis(deadline), from_millis(seen_at));
    let record = Arc::new(Record { data, revision, deadline, seen_at, meta });
    Some(Stamped { record, stamp, unconfirmed: flags & UNCONFIRMED != 0 })
}

fn number(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let (number, rest) = bytes.split_first_chunk()?;
    Some((u64::from_be_bytes(*number), rest))
}

/// The same record as it was written before there were stamps.
#[cfg(test)]
pub(super) fn unstamped(mut bytes: Vec<u8>) -> Vec<u8> {
    bytes[0] = UNSTAMPED;
    bytes.drain(78..86);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Handle;

    fn record(user: Option<&str>) -> Record {
        let moment = UnixMillis::new;
        let identity =
            |user| Identity { user: UserId::new(user), authenticated_at: moment(1_799_999_999_999) };
        Record {
            data: SessionData::parse(r#"{"n":1.50,"é":"🦀"}"#).expect("an object"),
            revision: 7,
            deadline: UnixMillis::MAX,
            seen_at: moment(1_800_000_000_001),
            meta: Meta {
                handle: Handle::generate(),
                created_at: moment(0),
                absolute_deadline: UnixMillis::MAX,
                idle_timeout: Duration::MAX,
                persistent: user.is_some(),
                identity: user.map(|user| Arc::new(identity(user.to_owned()))),
            },
        }
    }

    #[test]
    fn what_is_written_is_read() {
        for user in [None, Some(""), Some("alice"), Some("a\0b")] {
            let mut stamped =
                Stamped { record: Arc::new(record(user)), stamp: Some(*b"a stamp."), unconfirmed: false };
            let mut bytes = encode(&stamped.record, b"a stamp.");
            assert_eq!(decode(&bytes).expect("a record"), stamped);
            assert_eq!(stamped.head(), bytes[..HEAD_BYTES]);
            bytes[1] |= UNCONFIRMED;
            stamped.unconfirmed = true;
            assert_eq!(decode(&bytes).expect("a record"), stamped);
            assert_eq!(stamped.head(), bytes[..HEAD_BYTES]);
        }
    }

    #[test]
    fn what_was_written_without_a_stamp_is_read() {
        for user in [None, Some("alice")] {
            let record = record(user);
            let stamped = Stamped { record: Arc::new(record.clone()), stamp: None, unconfirmed: false };
            let bytes = unstamped(encode(&record, &[0; 8]));
            assert_eq!(decode(&bytes).expect("a record"), stamped);
            assert_eq!(stamped.head(), bytes[..78]);
        }
    }

    #[test]
    fn what_is_damaged_is_refused() {
        let whole = encode(&record(Some("alice")), b"a stamp.");
        for length in 0..whole.len() {
            assert!(decode(&whole[..length]).is_err(), "{length} bytes");
        }
        for (position, byte) in [(0, 3), (52, b'!'), (74, 0xFF), (88, 0xFF), (whole.len() - 1, b'x')] {
            let mut damaged = whole.clone();
            damaged[position] = byte;
            assert!(decode(&damaged).is_err(), "byte {position}");
        }
    }
}
