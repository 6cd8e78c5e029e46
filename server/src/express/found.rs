//! A session's record as a request has found it, or as it will be.

use std::time::Duration;

use sha2::{Digest, Sha256};
use twinjar_shared::express::{CookieSettings, Edit, Record as ExpressRecord, RecordError, is_shadowed};

use super::ExpressId;
use super::store::Life;
use crate::session::SessionError;
use crate::store::{Meta, Patch, Record, SessionData, StoreError, StoreErrorKind};
use crate::{Handle, UnixMillis};

/// How exactly a record's end follows its use. Stores count in seconds.
const GRAIN: Duration = Duration::from_secs(1);

/// What a request knows of a session beside its data.
pub(super) struct Found {
    pub(super) id: ExpressId,
    /// The record as it stands in the store.
    pub(super) text: String,
    data: SessionData,
    /// The record has values under names that no text can hold here. They are not among the data.
    pub(super) has_unnameable: bool,
    pub(super) settings: CookieSettings,
    /// When the cookie ends, if used now: milliseconds since the Unix epoch.
    pub(super) expires_at: Option<i64>,
    /// The browser does not have this id yet.
    pub(super) is_new: bool,
    /// The request has changed the data, as stored.
    pub(super) modified: bool,
    /// When the request has stored it.
    pub(super) stored_at: Option<UnixMillis>,
    /// Its end in the store is postponed by now.
    pub(super) touched: bool,
}

/// What becomes of a record.
pub(super) struct Change<'a> {
    pub(super) patch: &'a Patch,
    /// Another lifetime in milliseconds, `Some(None)` for one without an end.
    pub(super) max_age: Option<Option<i64>>,
    /// The cookie is made anew.
    pub(super) settings: Option<&'a CookieSettings>,
}

impl Found {
    /// Reads what stands in the store. `None`: a value that express-session takes for no session.
    pub(super) fn read(id: ExpressId, text: String, now: UnixMillis) -> Result<Option<Self>, SessionError> {
        if matches!(text.trim_ascii(), "null" | "false" | "0" | "\"\"") {
            return Ok(None);
        }
        let Parts { data, has_unnameable, settings, expires_at } = parts(&text, now)?;
        Ok(Some(Self {
            id,
            text,
            data,
            has_unnameable,
            settings,
            expires_at,
            is_new: false,
            modified: false,
            stored_at: None,
            touched: false,
        }))
    }

    /// A record without data.
    pub(super) fn begin(
        id: ExpressId,
        settings: &CookieSettings,
        now: UnixMillis,
    ) -> Result<Self, SessionError> {
        let expires_at = settings.expires_at(millis(now)).map_err(corrupt)?;
        let text = ["{\"cookie\":", &settings.to_json(expires_at), "}"].concat();
        Self::read(id, text, now)?.ok_or_else(|| corrupt(RecordError::NotAnObject))
    }

    /// Takes over what somebody else has stored meanwhile.
    pub(super) fn reread(&mut self, text: String, now: UnixMillis) -> Result<(), SessionError> {
        let Parts { data, has_unnameable, settings, expires_at } = parts(&text, now)?;
        (self.data, self.has_unnameable) = (data, has_unnameable);
        (self.settings, self.expires_at) = (settings, expires_at);
        self.text = text;
        Ok(())
    }

    /// The record with changes, and with an end that is reckoned from now. Everything else stays as it was found.
    pub(super) fn after(&self, change: &Change<'_>, now: UnixMillis) -> Result<Self, SessionError> {
        let Change { patch, max_age, settings } = *change;
        let record = ExpressRecord::parse(&self.text).map_err(corrupt)?;
        let cookie = settings.map_or_else(|| record.cookie().to_owned(), |settings| settings.to_json(None));
        let cookie = match max_age {
            Some(max_age) => CookieSettings::with_max_age(&cookie, max_age),
            None => cookie,
        };
        let settings = CookieSettings::parse(&cookie).map_err(corrupt)?;
        let expires_at = settings.expires_at(millis(now)).map_err(corrupt)?;
        let cookie = CookieSettings::postponed(&cookie, expires_at);
        let edit = |key: Option<&str>| match key {
            None if patch.clears() => Edit::Remove,
            None => Edit::Keep,
            Some("cookie") => Edit::Set(&cookie),
            Some(key) if is_shadowed(key) => Edit::Keep,
            Some(key) => match patch.get(key) {
                None => Edit::Keep,
                Some(None) => Edit::Remove,
                Some(Some(json)) => Edit::Set(json),
            },
        };
        let added = patch.changes().filter(|(key, _)| !record.has(key));
        let added: Vec<_> = added.filter_map(|(key, json)| Some((key, json?))).collect();
        let text = record.edit(edit, &added);
        let data = patch.apply(&self.data);
        let Self { is_new, modified, stored_at, touched, .. } = *self;
        Ok(Self {
            id: self.id.clone(),
            text,
            data,
            has_unnameable: self.has_unnameable && !patch.clears(),
            settings,
            expires_at,
            is_new,
            modified,
            stored_at,
            touched,
        })
    }

    /// The application's values.
    pub(super) const fn data(&self) -> &SessionData {
        &self.data
    }

    /// The end moves, as far as the cookie goes; the record stays as it is.
    pub(super) fn postpone(&mut self, now: UnixMillis) -> Result<(), SessionError> {
        self.expires_at = self.settings.expires_at(millis(now)).map_err(corrupt)?;
        Ok(())
    }

    pub(super) fn life(&self, now: UnixMillis) -> Life {
        let end = |ms: i64| UnixMillis::new(u64::try_from(ms).unwrap_or(0));
        Life { now, expires_at: self.expires_at.map(end) }
    }

    /// Whether what is left of the record's life is as much as a touch would give it, for all that anybody would notice.
    pub(super) fn is_fresh(&self, left: Duration, now: UnixMillis, default_life: Duration) -> bool {
        let life = self.idle_timeout(now, default_life);
        left == Duration::MAX || life.abs_diff(left) < GRAIN.min(life / 10)
    }

    fn idle_timeout(&self, now: UnixMillis, default_life: Duration) -> Duration {
        self.life(now).expires_at.map_or(default_life, |end| end.since(now))
    }

    /// The session as handlers see it. Express writes down neither when it began nor a limit that use cannot
    /// postpone.
    pub(super) fn record(&self, handle: Handle, now: UnixMillis, default_life: Duration) -> Record {
        let idle_timeout = self.idle_timeout(now, default_life);
        let deadline = now + idle_timeout;
        Record {
            data: self.data.clone(),
            revision: revision(&self.data),
            deadline,
            seen_at: now,
            meta: Meta {
                handle,
                created_at: now,
                absolute_deadline: deadline,
                idle_timeout,
                persistent: self.expires_at.is_some(),
                identity: None,
            },
        }
    }
}

/// A record that cannot be read: it is left as it is.
pub(super) fn corrupt(error: RecordError) -> SessionError {
    StoreError::with_source(StoreErrorKind::Corrupt, error).into()
}

/// Whether it is the record itself that cannot be read.
pub(super) fn is_damage(error: &SessionError) -> bool {
    matches!(error, SessionError::Store(error) if error.kind() == StoreErrorKind::Corrupt)
}

/// What a record's text says.
struct Parts {
    data: SessionData,
    has_unnameable: bool,
    settings: CookieSettings,
    expires_at: Option<i64>,
}

fn parts(text: &str, now: UnixMillis) -> Result<Parts, SessionError> {
    let record = ExpressRecord::parse(text).map_err(corrupt)?;
    let settings = CookieSettings::parse(record.cookie()).map_err(corrupt)?;
    let expires_at = settings.expires_at(millis(now)).map_err(corrupt)?;
    let data = checked(record.data())?;
    Ok(Parts { data, has_unnameable: record.has_unnameable(), settings, expires_at })
}

fn checked(data: String) -> Result<SessionData, SessionError> {
    SessionData::parse(data).map_err(|_| corrupt(RecordError::NotAnObject))
}

fn millis(moment: UnixMillis) -> i64 {
    i64::try_from(moment.as_millis()).unwrap_or(i64::MAX)
}

/// Express counts no commits: the data itself stands for its revision, in as many bits as JavaScript's numbers have.
fn revision(data: &SessionData) -> u64 {
    let digest: [u8; 32] = Sha256::digest(data.as_str()).into();
    let [a, b, c, d, e, f, g, h, ..] = digest;
    u64::from_be_bytes([a, b, c, d, e, f, g, h]) >> 11
}
