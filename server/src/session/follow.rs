//! Looks after watched sessions that others have changed, at once and not with the next heartbeat.

use std::sync::{Arc, Weak};

use futures_util::{StreamExt, stream};
use tokio::sync::mpsc;
use twinjar_shared::session::EndReason;

use super::hub::{Life, Status};
use super::{Engine, SessionError};
use crate::Handle;
use crate::store::{Located, NewsListener};

/// Sessions that are looked up side by side.
const LOOK_UPS: usize = 16;

impl Engine {
    /// Starts with the first watcher: before, the news is of no interest.
    pub(super) fn ensure_following(self: &Arc<Self>) {
        let Some(news) = self.store.news() else { return };
        let Some(rung) = self.hub.doorbell() else { return };
        let listener: Weak<dyn NewsListener> = Arc::downgrade(&self.hub) as _;
        news.listen(listener);
        tokio::spawn(follow(Arc::downgrade(self), rung));
    }

    /// How a watched session is now. `Lost`: it ended or has moved, and the store does not know which.
    pub(super) async fn look_up(&self, handle: Handle, life: Life) -> Result<Status, SessionError> {
        let now = self.clock.now();
        Ok(match self.store.locate(&life.key, handle, now).await? {
            Located::At { key, record } => Status::Live(Life::of(key, &record)),
            _ if life.deadline <= now => Status::Ended(EndReason::Expired),
            Located::Ended | Located::Unknown if self.is_revoked(handle).await? => {
                Status::Ended(EndReason::Revoked)
            }
            Located::Ended => Status::Ended(EndReason::Destroyed),
            Located::Unknown => Status::Lost,
        })
    }
}

/// Until the layer is gone.
async fn follow(engine: Weak<Engine>, mut rung: mpsc::Receiver<()>) {
    while rung.recv().await.is_some() {
        let Some(engine) = engine.upgrade() else { return };
        let look_up = |(handle, life)| {
            let engine = &engine;
            async move {
                // If the store fails, the watchers' own heartbeats ask it again.
                if let Ok(status) = engine.look_up(handle, life).await {
                    engine.hub.tell(handle, status);
                }
            }
        };
        stream::iter(engine.hub.take_stale()).for_each_concurrent(LOOK_UPS, look_up).await;
    }
}
