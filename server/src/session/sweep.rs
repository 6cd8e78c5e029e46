//! Removing what has ended.

use std::time::Duration;

use super::notes::is_note;
use super::{Engine, SessionEventKind};
use crate::store::StoreError;

/// How long ended records stay in a store that others may share, or that outlives the process: a server whose clock
/// goes wrong by an hour must not remove what lives by all other clocks.
const GRACE: Duration = Duration::from_secs(2 * 60 * 60);

impl Engine {
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
