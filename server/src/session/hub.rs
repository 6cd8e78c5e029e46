//! Who watches which session, and the last word on each.
//!
//! The engine tells the hub what it has stored. Where a store says that others have changed a watched session, the
//! [follower](super::follow) looks it up and tells the same. Of words that arrive late or twice, nothing is passed on.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::time::Duration;

use tokio::sync::{mpsc, watch};
use twinjar_shared::session::EndReason;

use crate::store::{NewsListener, Record, Revision};
use crate::{Handle, StoreKey, UnixMillis};

/// What is known of a watched session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Status {
    Live(Life),
    Ended(EndReason),
    /// It is not where it was, and nobody has told why.
    Lost,
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
    /// Watched sessions that somebody else may have changed.
    stale: Mutex<HashSet<Handle>>,
    /// Wakes who looks after them.
    doorbell: OnceLock<mpsc::Sender<()>>,
}

#[derive(Default)]
struct Sessions {
    by_handle: HashMap<Handle, Watched>,
    /// Which handle to look for when a key is told to have changed.
    by_key: HashMap<StoreKey, Handle>,
    watchers: usize,
    closed: bool,
}

struct Watched {
    sender: watch::Sender<Status>,
    key: StoreKey,
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
        sessions.by_handle.clear();
        sessions.by_key.clear();
        self.watched.store(0, Ordering::SeqCst);
    }

    /// `None`: there are as many watchers as there may be.
    pub(super) fn watch(self: &Arc<Self>, handle: Handle, life: Life, limits: WatchLimits) -> Option<Watch> {
        let mut sessions = self.write();
        let watched_by = sessions.by_handle.get(&handle).map_or(0, |watched| watched.sender.receiver_count());
        if sessions.watchers >= limits.total || watched_by >= limits.per_session {
            return None;
        }
        sessions.watchers += 1;
        let new = || watch::channel(Status::Live(life)).0;
        let receiver = if sessions.closed {
            new().subscribe()
        } else {
            let watched = Watched { sender: new(), key: life.key };
            let watched = sessions.by_handle.entry(handle).or_insert(watched);
            watched.sender.send_if_modified(|last| *last == Status::Lost && last.follow(Status::Live(life)));
            let (key, receiver) = (watched.key, watched.sender.subscribe());
            sessions.by_key.insert(key, handle);
            receiver
        };
        self.watched.store(sessions.by_handle.len(), Ordering::SeqCst);
        Some(Watch { hub: Arc::clone(self), handle, receiver })
    }

    /// Where to ring when a session is to be looked after. `None`: somebody does already.
    pub(super) fn doorbell(&self) -> Option<mpsc::Receiver<()>> {
        if self.doorbell.get().is_some() {
            return None;
        }
        let (doorbell, rung) = mpsc::channel(1);
        self.doorbell.set(doorbell).ok().map(|()| rung)
    }

    /// The watched sessions that somebody else may have changed, as they were known so far; each is told once.
    pub(super) fn take_stale(&self) -> Vec<(Handle, Life)> {
        let stale = std::mem::take(&mut *self.stale.lock().unwrap_or_else(PoisonError::into_inner));
        let sessions = self.read();
        let life = |handle| match *sessions.by_handle.get(&handle)?.sender.borrow() {
            Status::Live(life) => Some((handle, life)),
            Status::Ended(_) | Status::Lost => None,
        };
        stale.into_iter().filter_map(life).collect()
    }

    pub(super) fn tell(&self, handle: Handle, status: Status) {
        if self.watched.load(Ordering::SeqCst) == 0 {
            return;
        }
        let has_moved = self.read().by_handle.get(&handle).is_some_and(|watched| {
            let follows = watched.sender.send_if_modified(|last| last.follow(status));
            follows && matches!(status, Status::Live(life) if life.key != watched.key)
        });
        if let (Status::Live(life), true) = (status, has_moved) {
            self.write().rename(handle, life.key);
        }
    }

    fn mark_stale(&self, handles: impl Iterator<Item = Handle>) {
        let mut stale = self.stale.lock().unwrap_or_else(PoisonError::into_inner);
        stale.extend(handles);
        if let (false, Some(doorbell)) = (stale.is_empty(), self.doorbell.get()) {
            // Full: it has been rung, and not been answered yet.
            let _ = doorbell.try_send(());
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

impl Sessions {
    fn rename(&mut self, handle: Handle, key: StoreKey) {
        if let Some(watched) = self.by_handle.get_mut(&handle) {
            self.by_key.remove(&watched.key);
            self.by_key.insert(key, handle);
            watched.key = key;
        }
    }

    fn forget(&mut self, handle: Handle) {
        if let Some(watched) = self.by_handle.remove(&handle) {
            self.by_key.remove(&watched.key);
        }
    }
}

impl NewsListener for Hub {
    fn changed(&self, key: &StoreKey) {
        if self.watched.load(Ordering::SeqCst) > 0 {
            let watched = self.read().by_key.get(key).copied();
            self.mark_stale(watched.into_iter());
        }
    }

    fn missed(&self) {
        let all: Vec<_> = self.read().by_handle.keys().copied().collect();
        self.mark_stale(all.into_iter());
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
            (Self::Ended(_), _) | (Self::Lost, Self::Lost) => false,
            (Self::Live(_), Self::Ended(_) | Self::Lost) | (Self::Lost, _) => true,
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
        let count = sessions.by_handle.get(&self.handle).map(|watched| watched.sender.receiver_count());
        if count == Some(1) {
            sessions.forget(self.handle);
        }
        self.hub.watched.store(sessions.by_handle.len(), Ordering::SeqCst);
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
        assert_eq!((hub.read().by_handle.len(), hub.read().watchers), (1, 1));
        drop(second);
        assert_eq!((hub.read().by_handle.len(), hub.read().watchers), (0, 0));
        assert_eq!(hub.watched.load(Ordering::SeqCst), 0);
        assert!(hub.read().by_key.is_empty());
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

    #[test]
    fn what_others_have_changed_is_told_once_and_under_the_key_of_now() {
        let (hub, handle) = (Arc::new(Hub::default()), Handle::generate());
        let mut rung = hub.doorbell().expect("the first");
        assert!(hub.doorbell().is_none(), "one looks after them");
        let (first, second) = (life(1, 1), life(2, 1));
        let _watch = hub.watch(handle, first, LIMITS).expect("room");
        hub.changed(&second.key);
        assert!(rung.try_recv().is_err() && hub.take_stale().is_empty(), "nobody watches this one");
        hub.changed(&first.key);
        hub.changed(&first.key);
        assert!(rung.try_recv().is_ok() && rung.try_recv().is_err());
        assert_eq!(hub.take_stale(), [(handle, first)]);
        hub.tell(handle, Status::Live(second));
        hub.changed(&first.key);
        assert_eq!(hub.take_stale(), []);
        hub.changed(&second.key);
        assert_eq!(hub.take_stale(), [(handle, second)]);
        hub.missed();
        assert_eq!(hub.take_stale(), [(handle, second)]);
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
