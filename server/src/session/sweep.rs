//! Removing what has ended.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::notes::is_note;
use super::{Engine, SessionEventKind};
use crate::store::StoreError;

/// How long ended records stay in a store that others may share, or that outlives the process: a server whose clock
/// goes wrong by an hour must not remove what lives by all other clocks.
const GRACE: Duration = Duration::from_secs(2 * 60 * 60);

/// How often a share is removed, for as long as the engine lives.
pub(crate) struct SweepSchedule {
    interval: Duration,
    started: AtomicBool,
}

impl SweepSchedule {
    pub(crate) const fn every(interval: Duration) -> Self {
        Self { interval, started: AtomicBool::new(false) }
    }
}

impl Engine {
    /// Starts with the first request: that is where a runtime is sure to be.
    pub(crate) fn ensure_sweeping(self: &Arc<Self>) {
        let SweepSchedule { interval, started } = &self.sweeps;
        if started.load(Ordering::Relaxed) || started.swap(true, Ordering::Relaxed) {
            return;
        }
        let (interval, engine) = (*interval, Arc::downgrade(self));
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
        runtime.spawn(async move {
            loop {
                tokio::time::sleep(interval).await;
                let Some(engine) = engine.upgrade() else { return };
                match engine.sweep().await {
                    Ok(0) => {}
                    Ok(swept) => tracing::debug!(swept, "removed expired sessions"),
                    Err(error) => tracing::warn!(%error, "expired sessions could not be removed"),
                }
            }
        });
    }

    /// A share of what has ended; answers how many records that were.
    pub(crate) async fn sweep(&self) -> Result<u64, StoreError> {
        let now = self.clock.now();
        let now = if self.answers_at_once { now } else { now - GRACE };
        if self.events.is_none() {
            return self.store.sweep(now).await;
        }
        let report = |handle| {
            if !is_note(handle) {
                self.report(handle, SessionEventKind::Expired);
            }
        };
        self.store.sweep_and_tell(now, &report).await
    }
}
