//! Who watches which session, and the last word on each.
//!
//! The engine tells the hub what it has stored. What a store hears from other processes can be told in the same two
//! words, [`Hub::live`] and [`Hub::ended`]: of words that arrive late or twice, nothing is passed on.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::time::Duration;

use tokio::sync::watch;
use twinjar_shared::session::EndReason;

use crate::store::{Record, Revision};
use crate::{Handle, StoreKey, UnixMillis};

/// What is known of a watched session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Status {
    Live(Life),
    Ended(EndReason),
}

/// A live session, as far as its watchers care.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Life {
    pub(super) key: StoreKey,
    pub(super) revision: Revision,
    pub(super) deadline: UnixMillis,
    pub(super) idle_timeout: Duration,
}

/// How many watchers there may be.
#[derive(Clone, Copy, Debug)]
pub(crate) struct WatchLimits {
    pub(crate) total: usize,
    pub(crate) per_session: usize,
}

/// The watched sessions of a layer. A session that nobody watches costs a look at a counter.
#[derive(Default)]
pub(crate) struct Hub {
    /// How many sessions are watched.
    watched: AtomicUsize,
    sessions: RwLock<Sessions>,
}

#[derive(Default)]
struct Sessions {
    senders: HashMap<Handle, watch::Sender<Status>>,
    watchers: usize,
    closed: bool,
}

/// Hears what happens to one session; the last one to go takes the hub's entry along.
pub(super) struct Watch {
    hub: Arc<Hub>,
    handle: Handle,
    receiver: watch::Receiver<Status>,
}

impl Hub {
    /// The session is stored like this now.
    pub(super) fn live(&self, key: StoreKey, record: &Record) {
        self.tell(record.meta.handle, Status::Live(Life::of(key, record)));
    }

    /// The session is over.
    pub(super) fn ended(&self, handle: Handle, reason: EndReason) {
        self.tell(handle, Status::Ended(reason));
    }

    /// Lets all watchers go, and whoever comes later.
    pub(crate) fn close(&self) {
        let mut sessions = self.write();
        sessions.closed = true;
        sessions.senders.clear();
        self.watched.store(0, Ordering::SeqCst);
    }

    /// `None`: there are as many watchers as there may be.
    pub(super) fn watch(self: &Arc<Self>, handle: Handle, life: Life, limits: WatchLimits) -> Option<Watch> {
        let mut sessions = self.write();
        let watched_by = sessions.senders.get(&handle).map_or(0, watch::Sender::receiver_count);
        if sessions.watchers >= limits.total || watched_by >= limits.per_session {
            return None;
        }
        sessions.watchers += 1;
        let new = || watch::channel(Status::Live(life)).0;
        let receiver = if sessions.closed {
            new().subscribe()
        } else {
            sessions.senders.entry(handle).or_insert_with(new).subscribe()
        };
        self.watched.store(sessions.senders.len(), Ordering::SeqCst);
        Some(Watch { hub: Arc::clone(self), handle, receiver })
    }

    fn tell(&self, handle: Handle, status: Status) {
        if self.watched.load(Ordering::SeqCst) == 0 {
            return;
        }
        if let Some(sender) = self.read().senders.get(&handle) {
            sender.send_if_modified(|last| last.follow(status));
        }
    }

    // Nothing that holds the lock can panic halfway.
    fn read(&self) -> RwLockReadGuard<'_, Sessions> {
        self.sessions.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Sessions> {
        self.sessions.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Life {
    pub(super) fn of(key: StoreKey, record: &Record) -> Self {
        let (revision, deadline) = (record.revision, record.deadline);
        Self { key, revision, deadline, idle_timeout: record.meta.idle_timeout }
    }
}

impl Status {
    /// Takes the next word over, if it is one. Parallel requests may tell theirs in another order than they stored
    /// it, and nothing follows the end.
    fn follow(&mut self, next: Self) -> bool {
        let follows = match (&*self, &next) {
            (Self::Ended(_), _) => false,
            (Self::Live(_), Self::Ended(_)) => true,
            (Self::Live(last), Self::Live(next)) => {
                (next.revision, next.deadline) > (last.revision, last.deadline)
            }
        };
        if follows {
            *self = next;
        }
        follows
    }
}

impl Watch {
    pub(super) fn status(&mut self) -> Status {
        *self.receiver.borrow_and_update()
    }

    /// Waits for the next word. `false`: the hub is closed.
    pub(super) async fn heard(&mut self) -> bool {
        self.receiver.changed().await.is_ok()
    }

    /// What a watcher has found out itself is told to all of the session.
    pub(super) fn tell(&self, status: Status) {
        self.hub.tell(self.handle, status);
    }

    pub(super) const fn handle(&self) -> Handle {
        self.handle
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        let mut sessions = self.hub.write();
        sessions.watchers -= 1;
        // This one still counts.
        if sessions.senders.get(&self.handle).is_some_and(|sender| sender.receiver_count() == 1) {
            sessions.senders.remove(&self.handle);
        }
        self.hub.watched.store(sessions.senders.len(), Ordering::SeqCst);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::SessionId;

    const LIMITS: WatchLimits = WatchLimits { total: 3, per_session: 2 };

    fn life(revision: Revision, deadline: u64) -> Life {
        let deadline = UnixMillis::new(deadline);
        let key = SessionId::generate().store_key();
        Life { key, revision, deadline, idle_timeout: Duration::from_secs(60) }
    }

    #[test]
    fn entries_go_with_their_last_watcher() {
        let (hub, handle) = (Arc::new(Hub::default()), Handle::generate());
        let first = hub.watch(handle, life(1, 1), LIMITS).expect("room");
        let second = hub.watch(handle, life(1, 1), LIMITS).expect("room");
        drop(first);
        assert_eq!((hub.read().senders.len(), hub.read().watchers), (1, 1));
        drop(second);
        assert_eq!((hub.read().senders.len(), hub.read().watchers), (0, 0));
        assert_eq!(hub.watched.load(Ordering::SeqCst), 0);
    }

    #[test]
    fn watchers_are_counted_per_session_and_in_all() {
        let (hub, handle) = (Arc::new(Hub::default()), Handle::generate());
        let held: Vec<_> = std::iter::repeat_with(|| hub.watch(handle, life(1, 1), LIMITS))
            .map_while(|watch| watch)
            .collect();
        assert_eq!(held.len(), 2, "per session");
        let other = hub.watch(Handle::generate(), life(1, 1), LIMITS);
        assert!(other.is_some() && hub.watch(Handle::generate(), life(1, 1), LIMITS).is_none(), "in all");
        drop(held);
        assert!(hub.watch(handle, life(1, 1), LIMITS).is_some());
    }

    #[test]
    fn late_words_change_nothing() {
        let (old, new, later) = (life(7, 10), life(8, 10), life(8, 20));
        let mut status = Status::Live(new);
        assert!(!status.follow(Status::Live(old)) && !status.follow(Status::Live(new)));
        assert!(status.follow(Status::Live(later)));
        assert!(status.follow(Status::Ended(EndReason::Revoked)));
        assert!(
            !status.follow(Status::Ended(EndReason::Destroyed)) && !status.follow(Status::Live(life(9, 30)))
        );
        assert_eq!(status, Status::Ended(EndReason::Revoked));
    }

    #[tokio::test]
    async fn a_closed_hub_lets_everybody_go() {
        let (hub, handle) = (Arc::new(Hub::default()), Handle::generate());
        let mut early = hub.watch(handle, life(1, 1), LIMITS).expect("room");
        hub.close();
        let mut late = hub.watch(handle, life(1, 1), LIMITS).expect("room");
        assert!(!early.heard().await && !late.heard().await);
    }
}
