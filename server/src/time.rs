//! Time as the server sees it: milliseconds since the Unix epoch, from a clock that tests can turn.

use std::time::Duration;

/// A moment, in milliseconds since the Unix epoch (UTC).
///
/// ```
/// use std::time::Duration;
/// use twinjar_server::UnixMillis;
///
/// let start = UnixMillis::new(1_000);
/// assert_eq!(start + Duration::from_secs(2), UnixMillis::new(3_000));
/// assert_eq!(UnixMillis::new(3_000).since(start), Duration::from_secs(2));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnixMillis(u64);

impl UnixMillis {
    /// The end of time: later than every deadline.
    pub const MAX: Self = Self(u64::MAX);

    /// The moment `millis` milliseconds after the epoch.
    pub const fn new(millis: u64) -> Self {
        Self(millis)
    }

    /// Milliseconds since the epoch.
    pub const fn as_millis(self) -> u64 {
        self.0
    }

    /// The same for a page, to which the end of time is no deadline. Later than what JavaScript's numbers hold exactly is
    /// as good as that.
    pub(crate) fn as_deadline(self) -> Option<u64> {
        const MAX_SAFE_INTEGER: u64 = (1 << 53) - 1;
        Some(self.0).filter(|&millis| millis < MAX_SAFE_INTEGER)
    }

    /// Whole seconds since the epoch, as cookie dates count.
    #[allow(clippy::cast_possible_wrap)]
    pub const fn as_seconds(self) -> i64 {
        (self.0 / 1000) as i64
    }

    /// The time that has passed since `earlier`; zero when `earlier` is in the future.
    pub const fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(self.0.saturating_sub(earlier.0))
    }
}

impl std::ops::Sub<Duration> for UnixMillis {
    type Output = Self;

    /// Stops at the epoch.
    fn sub(self, duration: Duration) -> Self {
        let millis = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
        Self(self.0.saturating_sub(millis))
    }
}

impl std::ops::Add<Duration> for UnixMillis {
    type Output = Self;

    /// Saturates: a deadline too far to be written is the end of time.
    fn add(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)))
    }
}

/// Where the session layer reads the time. Every expiry rule goes through it.
pub trait Clock: Send + Sync + 'static {
    /// The present moment.
    fn now(&self) -> UnixMillis;
}

/// The operating system's clock. On Linux the coarse one, which lags by one tick at most (1 to 10 ms): it is ten times
/// as fast to read, and sessions end by the second.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[cfg(target_os = "linux")]
    fn now(&self) -> UnixMillis {
        let now = rustix::time::clock_gettime(rustix::time::ClockId::RealtimeCoarse);
        let (seconds, nanos) = (u64::try_from(now.tv_sec), u64::try_from(now.tv_nsec));
        UnixMillis(seconds.unwrap_or(0).saturating_mul(1000) + nanos.unwrap_or(0) / 1_000_000)
    }

    #[cfg(not(target_os = "linux"))]
    fn now(&self) -> UnixMillis {
        let now = std::time::SystemTime::now();
        let since_epoch = now.duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        UnixMillis(u64::try_from(since_epoch.as_millis()).unwrap_or(u64::MAX))
    }
}

/// A clock that stands still until it is told to move, for tests.
#[cfg(any(test, feature = "test-util"))]
#[derive(Clone, Debug)]
pub struct ManualClock(std::sync::Arc<std::sync::atomic::AtomicU64>);

#[cfg(any(test, feature = "test-util"))]
impl ManualClock {
    /// A clock that shows `now`.
    pub fn new(now: UnixMillis) -> Self {
        Self(std::sync::Arc::new(std::sync::atomic::AtomicU64::new(now.0)))
    }

    /// Sets the clock, forward or back; clones move with it.
    pub fn set(&self, now: UnixMillis) {
        self.0.store(now.0, std::sync::atomic::Ordering::SeqCst);
    }

    /// Moves the clock forward; clones move with it.
    pub fn advance(&self, by: Duration) {
        let millis = u64::try_from(by.as_millis()).unwrap_or(u64::MAX);
        self.0.fetch_add(millis, std::sync::atomic::Ordering::SeqCst);
    }
}

#[cfg(any(test, feature = "test-util"))]
impl Clock for ManualClock {
    fn now(&self) -> UnixMillis {
        UnixMillis(self.0.load(std::sync::atomic::Ordering::SeqCst))
    }
}
