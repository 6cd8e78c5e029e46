//! What a store hears of the changes that other servers make.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{PoisonError, RwLock, Weak};
use std::time::{Duration, Instant};

use crate::StoreKey;

/// How long a proof is good for.
const LEASE: Duration = Duration::from_secs(1);

/// Passes on what a store hears, as it hears it; for [`SessionStore::news`](super::SessionStore::news).
///
/// The store says [`changed`](Self::changed) for each key under which something else may stand by now, its own writes
/// among them or not. Every [`HEARTBEAT`](Self::HEARTBEAT) it proves its channel over the channel itself: what it
/// sends at one moment and gets back later shows that it has [heard up to](Self::heard_up_to) that first moment.
/// A proof is good for one second, so that nobody takes what a frozen channel holds back for untold for longer.
/// A channel that breaks or falls silent is [`lost`](Self::lost); once it is open again, the next proof makes the news
/// current again.
pub struct News {
    start: Instant,
    /// In microseconds since the start; 0: the channel is lost.
    current_until: AtomicU64,
    listeners: RwLock<Vec<Weak<dyn NewsListener>>>,
    proof: Option<Box<dyn Fn() -> bool + Send + Sync>>,
}

/// Hears news. Called by the store's channel itself: be quick, and do not wait.
pub trait NewsListener: Send + Sync {
    /// Something else may stand under this key.
    fn changed(&self, key: &StoreKey);

    /// Something else may stand under any key: words may have been missed.
    fn missed(&self);
}

impl News {
    /// How often a store proves its channel.
    pub const HEARTBEAT: Duration = Duration::from_millis(250);

    /// News of a channel that has not been opened.
    pub fn new() -> Self {
        Self {
            start: Instant::now(),
            current_until: AtomicU64::new(0),
            listeners: RwLock::default(),
            proof: None,
        }
    }

    /// News of a store that can tell at any moment, quickly, whether everything up to this moment has been told. Then
    /// nothing is overlooked, not even for the time of a proof over the channel.
    pub fn proved_by(is_current: impl Fn() -> bool + Send + Sync + 'static) -> Self {
        Self { proof: Some(Box::new(is_current)), ..Self::new() }
    }

    /// Tells the listener from now on, for as long as it lives.
    pub fn listen(&self, listener: Weak<dyn NewsListener>) {
        let mut listeners = self.listeners.write().unwrap_or_else(PoisonError::into_inner);
        listeners.retain(|listener| listener.strong_count() > 0);
        listeners.push(listener);
    }

    /// Whether all listeners have been told everything but what has happened within the last second; of a store that
    /// can [prove](Self::proved_by) it at once, everything.
    pub fn is_current(&self) -> bool {
        let until = self.current_until.load(Ordering::Acquire);
        until != 0
            && self.micros(Instant::now()) < until
            && self.proof.as_ref().is_none_or(|is_current| is_current())
    }

    /// Something else may stand under this key.
    pub fn changed(&self, key: &StoreKey) {
        self.tell(|listener| listener.changed(key));
    }

    /// Everything that had happened by this moment has been told. The first time after the channel was lost, listeners
    /// are told before that they may have missed something.
    pub fn heard_up_to(&self, moment: Instant) {
        if self.current_until.load(Ordering::Acquire) == 0 {
            self.tell(NewsListener::missed);
        }
        self.current_until.fetch_max(self.micros(moment + LEASE), Ordering::AcqRel);
    }

    /// The channel is lost: words may be missed from now on.
    pub fn lost(&self) {
        if self.current_until.swap(0, Ordering::AcqRel) != 0 {
            self.tell(NewsListener::missed);
        }
    }

    fn tell(&self, word: impl Fn(&(dyn NewsListener + 'static))) {
        let listeners = self.listeners.read().unwrap_or_else(PoisonError::into_inner);
        for listener in listeners.iter().filter_map(Weak::upgrade) {
            word(&*listener);
        }
    }

    fn micros(&self, moment: Instant) -> u64 {
        u64::try_from(moment.saturating_duration_since(self.start).as_micros()).unwrap_or(u64::MAX)
    }
}

impl Default for News {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for News {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("News").field("is_current", &self.is_current()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::Mutex;

    use super::*;

    #[derive(Default)]
    struct Heard(Mutex<Vec<Option<StoreKey>>>);

    impl NewsListener for Heard {
        fn changed(&self, key: &StoreKey) {
            self.0.lock().expect("no panic").push(Some(*key));
        }

        fn missed(&self) {
            self.0.lock().expect("no panic").push(None);
        }
    }

    #[test]
    fn listeners_hear_in_order_and_are_let_go() {
        let (news, key) = (News::new(), StoreKey::from_bytes([7; 32]));
        let (heard, gone) = (Arc::new(Heard::default()), Arc::new(Heard::default()));
        news.listen(Arc::downgrade(&gone) as Weak<dyn NewsListener>);
        drop(gone);
        news.listen(Arc::downgrade(&heard) as Weak<dyn NewsListener>);
        news.lost();
        news.changed(&key);
        news.heard_up_to(Instant::now());
        news.changed(&key);
        news.heard_up_to(Instant::now());
        news.lost();
        news.lost();
        assert_eq!(*heard.0.lock().expect("no panic"), [Some(key), None, Some(key), None]);
        assert_eq!(news.listeners.read().expect("no panic").len(), 1);
    }

    #[test]
    fn a_sign_of_life_is_good_for_its_time_only() {
        let news = News::new();
        assert!(!news.is_current(), "before there is a channel");
        let now = Instant::now();
        news.heard_up_to(now + Duration::from_secs(60));
        news.heard_up_to(now);
        assert!(news.is_current(), "a late proof takes nothing back");
        news.lost();
        assert!(!news.is_current());
        news.heard_up_to(Instant::now());
        assert!(news.is_current());
        std::thread::sleep(LEASE + Duration::from_millis(10));
        assert!(!news.is_current(), "silence");
    }
}
