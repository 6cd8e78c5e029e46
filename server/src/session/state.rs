//! What a request knows of its session: plain data and the decisions that need no waiting.

use std::any::Any;
use std::sync::Arc;
use std::time::Duration;

use super::spans::name_session;
use crate::id::SessionId;
use crate::store::{Identity, Meta, Patch, Record, StoreLock, Touch};
use crate::{Handle, StoreKey, UnixMillis};

/// How long sessions live, and how often their use is written down.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Lifetime {
    pub(crate) idle: Duration,
    pub(crate) absolute: Duration,
    pub(crate) touch_interval: Duration,
    pub(crate) rotation_grace: Duration,
}

/// The session of one request, and what the request has changed of it.
#[derive(Default)]
pub(crate) struct State {
    pub(crate) origin: Origin,
    /// When the session was looked up.
    pub(crate) read_at: UnixMillis,
    /// Changes that are not committed yet.
    pub(crate) patch: Patch,
    /// Everything but the data, when the request has changed it.
    pub(crate) meta: Option<Box<Meta>>,
    /// A session begins even without data, since somebody has logged in or asked for it.
    pub(crate) must_begin: bool,
    pub(crate) cookie: CookieChange,
    /// The browser has another cookie by now, or is about to get one: this response leaves its cookies alone.
    pub(crate) overtaken: bool,
    /// The request only watches: it is no use of the session, and takes no turn.
    pub(crate) watching: bool,
    /// The revision or a deadline is not what the browser was told last.
    pub(crate) news: bool,
    /// The session cookie carries its end, or has carried one, and the end is another by now.
    pub(crate) renews_cookie: bool,
    /// The response headers have left: the request takes no turn any more.
    pub(crate) late: bool,
    /// The store has failed when the session was looked for.
    pub(crate) unknown: bool,
    /// The request came over https.
    #[cfg_attr(not(feature = "express"), allow(dead_code, reason = "read by foreign formats"))]
    pub(crate) https: bool,
    /// What a foreign format has besides.
    #[cfg_attr(not(feature = "express"), allow(dead_code, reason = "read by foreign formats"))]
    pub(crate) foreign: Option<Box<dyn Any + Send>>,
}

/// What the request's cookies led to.
#[derive(Default)]
pub(crate) enum Origin {
    /// Nobody has asked yet.
    #[default]
    Unread,
    /// There is no session.
    Absent,
    /// There is one.
    Live(Live),
}

/// A session that the store has.
pub(crate) struct Live {
    /// What the browser sent, or what this request has made.
    pub(crate) id: SessionId,
    pub(crate) moved: Moved,
    /// Where the store has the session by now.
    pub(crate) key: StoreKey,
    pub(crate) record: Arc<Record>,
    /// Held for the whole request where requests of one session take turns.
    pub(crate) lock: Option<StoreLock>,
}

/// Whether another request has given the session another id than this one knows it by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Moved {
    No,
    /// To this id, which the browser may not have seen yet.
    To(SessionId),
    /// To one that the browser has seen already, and that this server cannot know.
    Away,
}

/// What the response tells the browser about the session cookie.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum CookieChange {
    #[default]
    Keep,
    Set(SessionId),
    Clear,
}

impl Live {
    pub(crate) const fn new(id: SessionId, key: StoreKey, record: Arc<Record>) -> Self {
        Self { id, moved: Moved::No, key, record, lock: None }
    }

    /// The id that the browser's cookie should hold, if this server can know it.
    pub(crate) const fn current_id(&self) -> Option<SessionId> {
        match self.moved {
            Moved::No => Some(self.id),
            Moved::To(next) => Some(next),
            Moved::Away => None,
        }
    }

    /// What to tell the browser once another request has moved the session.
    pub(crate) const fn cookie_after_move(&self) -> CookieChange {
        match self.moved {
            Moved::To(next) => CookieChange::Set(next),
            Moved::No | Moved::Away => CookieChange::Keep,
        }
    }
}

impl State {
    pub(crate) fn live(&self) -> Option<&Live> {
        match &self.origin {
            Origin::Live(live) => Some(live),
            Origin::Unread | Origin::Absent => None,
        }
    }

    /// The JSON text of a value, changes of this request included.
    pub(crate) fn value(&self, key: &str) -> Option<&str> {
        match self.patch.get(key) {
            Some(changed) => changed,
            None => self.live()?.record.data.get(key),
        }
    }

    /// Everything about the session but its data, changes of this request included.
    pub(crate) fn meta(&self) -> Option<&Meta> {
        self.meta.as_deref().or_else(|| Some(&self.live()?.record.meta))
    }

    /// The same, to be changed; a session that has not begun gets the fresh one that it will begin with.
    pub(crate) fn meta_mut(&mut self, now: UnixMillis, lifetime: &Lifetime) -> &mut Meta {
        let current = self.live().map(|live| live.record.meta.clone());
        self.meta.get_or_insert_with(|| Box::new(current.unwrap_or_else(|| fresh_meta(now, lifetime))))
    }

    pub(crate) fn has_changes(&self) -> bool {
        !self.patch.is_empty() || self.meta.is_some() || self.must_begin
    }

    /// Whether the response has to begin a session: a value was set, or the session was asked for.
    pub(crate) fn begins(&self) -> bool {
        matches!(self.origin, Origin::Absent)
            && (self.must_begin || self.patch.changes().any(|(_, value)| value.is_some()))
    }

    /// The changes are in the store.
    pub(crate) fn committed(&mut self, record: Arc<Record>) {
        name_session(record.meta.handle);
        if let Origin::Live(live) = &mut self.origin {
            self.renews_cookie |= live.record.meta.persistent || record.meta.persistent;
            live.record = record;
        }
        self.news = true;
        self.forget_changes();
    }

    /// There is no session; whatever cookie led nowhere is cleared.
    pub(crate) fn absent(&mut self, presented: bool) {
        self.origin = Origin::Absent;
        if presented && !self.overtaken {
            self.cookie = CookieChange::Clear;
        }
    }

    /// This request has ended the session.
    pub(crate) fn ended(&mut self) {
        self.origin = Origin::Absent;
        self.cookie = CookieChange::Clear;
        self.forget_changes();
    }

    /// Another request has ended the session, or has moved it where this one may not follow.
    pub(crate) fn gone(&mut self) {
        self.origin = Origin::Absent;
        self.cookie = CookieChange::Keep;
        self.overtaken = true;
        self.forget_changes();
    }

    /// Whether the changes make somebody known whom the session did not know.
    pub(crate) fn logs_in(&self) -> bool {
        self.meta.as_deref().is_some_and(|meta| meta.identity.is_some())
    }

    /// Whether the response has anything to say about the session.
    pub(crate) fn tells_browser(&self) -> bool {
        self.news || self.cookie != CookieChange::Keep
    }

    /// Whether the request waits for its turn where requests take turns.
    pub(crate) const fn takes_turn(&self) -> bool {
        !self.watching && !self.late
    }

    /// The next request has its turn.
    pub(crate) fn end_turn(&mut self) {
        if let Origin::Live(live) = &mut self.origin {
            live.lock = None;
        }
    }

    pub(crate) fn forget_changes(&mut self) {
        self.patch = Patch::default();
        self.meta = None;
        self.must_begin = false;
    }
}

impl Lifetime {
    /// The life of a session that is used now.
    pub(crate) fn touch(&self, meta: &Meta, now: UnixMillis) -> Touch {
        Touch { deadline: (now + meta.idle_timeout).min(meta.absolute_deadline), seen_at: now }
    }

    /// Whether the last visit was written down long enough ago to write down this one.
    pub(crate) fn touch_is_due(&self, record: &Record, now: UnixMillis) -> bool {
        // A short idle timeout asks for a finer grain, lest steady use let the session run out.
        now.since(record.seen_at) >= self.touch_interval.min(record.meta.idle_timeout / 10)
    }
}

/// How a session begins.
pub(crate) fn fresh_meta(now: UnixMillis, lifetime: &Lifetime) -> Meta {
    Meta {
        handle: Handle::generate(),
        created_at: now,
        absolute_deadline: now + lifetime.absolute,
        idle_timeout: lifetime.idle,
        persistent: false,
        identity: None,
    }
}

impl Meta {
    /// The identity's user, if somebody has logged in.
    pub(crate) fn identity(&self) -> Option<&Identity> {
        self.identity.as_deref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::SessionData;

    const LIFETIME: Lifetime = Lifetime {
        idle: Duration::from_secs(600),
        absolute: Duration::from_secs(3600),
        touch_interval: Duration::from_secs(60),
        rotation_grace: Duration::from_secs(10),
    };

    fn record(seen_at: u64, idle: Duration) -> Record {
        let mut meta = fresh_meta(UnixMillis::new(0), &LIFETIME);
        meta.idle_timeout = idle;
        let touch = LIFETIME.touch(&meta, UnixMillis::new(seen_at));
        let data = SessionData::default();
        Record { data, revision: 1, deadline: touch.deadline, seen_at: touch.seen_at, meta }
    }

    #[test]
    fn activity_never_outlives_the_absolute_deadline() {
        let meta = fresh_meta(UnixMillis::new(0), &LIFETIME);
        for (used_at, expected) in [(0, 600_000), (60_000, 660_000), (3_500_000, 3_600_000)] {
            assert_eq!(LIFETIME.touch(&meta, UnixMillis::new(used_at)).deadline, UnixMillis::new(expected));
        }
    }

    #[test]
    fn visits_are_written_down_at_intervals() {
        let long = record(0, Duration::from_secs(600));
        assert!(!LIFETIME.touch_is_due(&long, UnixMillis::new(59_999)));
        assert!(LIFETIME.touch_is_due(&long, UnixMillis::new(60_000)));
        let short = record(0, Duration::from_secs(2));
        assert!(LIFETIME.touch_is_due(&short, UnixMillis::new(200)), "a tenth of a short idle timeout");
    }

    #[test]
    fn removing_from_nothing_begins_nothing() {
        let mut state = State { origin: Origin::Absent, ..State::default() };
        state.patch.remove("n");
        assert!(!state.begins());
        state.patch.set("n", serde_json::value::to_raw_value(&1).expect("a number"));
        assert!(state.begins());
    }
}
