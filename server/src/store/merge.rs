//! How a commit and a visit change a record: one definition, so that all stores do it alike.

use super::{Commit, Record, Touch};
use crate::UnixMillis;

impl Record {
    /// The record after a commit.
    ///
    /// The visit is written down as in [`visit`](Self::visit); new [meta](Commit::meta) may also shorten the
    /// session's life.
    #[must_use]
    pub fn after(&self, commit: Commit<'_>) -> Self {
        let mut meta = commit.meta.unwrap_or(&self.meta).clone();
        meta.handle = self.meta.handle;
        let mut after = Self {
            data: commit.patch.apply(&self.data),
            revision: self.revision + 1,
            deadline: if commit.meta.is_some() { UnixMillis::new(0) } else { self.deadline },
            seen_at: self.seen_at,
            meta,
        };
        after.visit(commit.touch);
        after
    }

    /// Writes a visit down. A visit that is told late moves nothing back; and one that knows nothing of a
    /// shortened timeout does not give the session a longer life than its [`meta`](Self::meta) allows by now.
    pub fn visit(&mut self, touch: Touch) {
        let allowed = (touch.seen_at + self.meta.idle_timeout).min(self.meta.absolute_deadline);
        self.deadline = self.deadline.max(touch.deadline.min(allowed));
        self.seen_at = self.seen_at.max(touch.seen_at);
    }

    /// Whether the record is there at `now`: it ends at its deadline.
    pub fn is_live(&self, now: UnixMillis) -> bool {
        self.deadline > now
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::Handle;
    use crate::store::{Meta, Patch, SessionData};

    fn record(seen_at: u64, idle: u64) -> Record {
        let meta = Meta {
            handle: Handle::generate(),
            created_at: UnixMillis::new(0),
            absolute_deadline: UnixMillis::new(10_000),
            idle_timeout: Duration::from_millis(idle),
            persistent: false,
            identity: None,
        };
        let deadline = UnixMillis::new(seen_at) + meta.idle_timeout;
        Record {
            data: SessionData::default(),
            revision: 1,
            deadline,
            seen_at: UnixMillis::new(seen_at),
            meta,
        }
    }

    fn touch(seen_at: u64, deadline: u64) -> Touch {
        Touch { seen_at: UnixMillis::new(seen_at), deadline: UnixMillis::new(deadline) }
    }

    #[test]
    fn visits_move_forward_within_what_the_session_allows() {
        for (case, visit, deadline, seen_at) in [
            ("later", touch(600, 1_600), 1_600, 600),
            ("told late", touch(400, 1_400), 1_500, 500),
            ("with a longer timeout in mind", touch(600, 9_000), 1_600, 600),
            ("past the absolute deadline", touch(9_500, 10_500), 10_000, 9_500),
        ] {
            let mut record = record(500, 1_000);
            record.visit(visit);
            assert_eq!(record.deadline, UnixMillis::new(deadline), "{case}");
            assert_eq!(record.seen_at, UnixMillis::new(seen_at), "{case}");
        }
    }

    #[test]
    fn new_meta_may_shorten_a_life_and_a_stale_request_does_not_lengthen_it_again() {
        let before = record(0, 5_000);
        let mut shorter = before.meta.clone();
        shorter.idle_timeout = Duration::from_millis(100);
        let patch = Patch::default();
        let commit = Commit { patch: &patch, expected: None, touch: touch(10, 110), meta: Some(&shorter) };
        let shortened = before.after(commit);
        assert_eq!(shortened.deadline, UnixMillis::new(110));
        let stale = Commit { patch: &patch, expected: None, touch: touch(20, 5_020), meta: None };
        assert_eq!(shortened.after(stale).deadline, UnixMillis::new(120));
    }
}
