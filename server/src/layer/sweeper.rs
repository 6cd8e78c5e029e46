//! Removes expired sessions in the background, for as long as the layer lives.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::session::Engine;

/// Starts with the first request: that is where a runtime is sure to be.
pub(super) struct Sweeper {
    interval: Duration,
    started: AtomicBool,
}

impl Sweeper {
    pub(super) const fn new(interval: Duration) -> Self {
        Self { interval, started: AtomicBool::new(false) }
    }

    pub(super) fn ensure_started(&self, engine: &Arc<Engine>) {
        if self.started.load(Ordering::Relaxed) || self.started.swap(true, Ordering::Relaxed) {
            return;
        }
        let (interval, engine) = (self.interval, Arc::downgrade(engine));
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
}
