//! What a page hears of its session while it watches, without keeping it alive.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, timeout};
use twinjar_shared::session::SessionEvent;

use super::hub::{Life, Status, Watch, WatchLimits};
use super::{Engine, Session, SessionError};
use crate::store::Revision;
use crate::{Handle, UnixMillis};

/// The pause after which a store that has failed is asked again.
const STORE_RETRY: Duration = Duration::from_secs(1);

/// What is told when.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FeedTiming {
    /// How long before its end a session is announced to expire.
    pub(crate) notice: Duration,
    /// How often the feed gives a sign of life, and looks after what other processes have done.
    pub(crate) heartbeat: Duration,
}

/// The events of one session, one after another.
pub(crate) struct Feed {
    engine: Arc<Engine>,
    watch: Watch,
    timing: FeedTiming,
    told: Revision,
    /// The deadline that was announced last.
    announced: Option<UnixMillis>,
    heartbeat_at: Instant,
    checked: Checked,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Checked {
    /// The store was asked just now.
    Now,
    Before,
    /// It did not answer.
    Failed,
}

/// What a feed says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum News {
    Event(SessionEvent),
    /// Nothing has happened for a while.
    Heartbeat,
}

/// Why there is no feed.
pub(crate) enum NoFeed {
    NoSession,
    TooMany,
    Failed(SessionError),
}

impl Session {
    /// Watches the session. The request counts as no use of it, and does not wait for its turn.
    pub(crate) async fn feed(&self, timing: FeedTiming, limits: WatchLimits) -> Result<Feed, NoFeed> {
        if self.engine().foreign.is_some() {
            // Foreign formats have no revisions that follow each other.
            return Err(NoFeed::Failed(SessionError::NotSupported));
        }
        self.state().await.watching = true;
        let (handle, life) = {
            let state = self.loaded().await.map_err(NoFeed::Failed)?;
            let live = state.live().ok_or(NoFeed::NoSession)?;
            (live.record.meta.handle, Life::of(live.key, &live.record))
        };
        let engine = Arc::clone(self.engine());
        engine.ensure_following();
        let watch = engine.hub.watch(handle, life, limits).ok_or(NoFeed::TooMany)?;
        let mut feed = Feed {
            engine,
            watch,
            timing,
            told: life.revision,
            announced: None,
            heartbeat_at: Instant::now() + timing.heartbeat,
            checked: Checked::Before,
        };
        // What was stored before there was a watcher was told to nobody.
        feed.check(life).await;
        Ok(feed)
    }
}

impl Feed {
    /// The session, and the revision that was told last.
    pub(crate) const fn position(&self) -> (Handle, Revision) {
        (self.watch.handle(), self.told)
    }

    /// Tells the revision in any case.
    pub(crate) const fn catch_up(&mut self) {
        self.told = 0;
    }

    /// Waits for the next event. `None`: there is nothing more to hear.
    pub(crate) async fn next(&mut self) -> Option<News> {
        loop {
            let life = match self.watch.status() {
                Status::Live(life) => life,
                Status::Ended(reason) => return Some(News::Event(SessionEvent::Ended { reason })),
                // A page that connects again finds out with the cookie that it has by then.
                Status::Lost => return None,
            };
            if life.revision != self.told {
                self.told = life.revision;
                return Some(News::Event(SessionEvent::Changed { revision: life.revision }));
            }
            if std::mem::replace(&mut self.checked, Checked::Before) == Checked::Now
                && self.announced != Some(life.deadline)
                && self.notice_at(life) <= self.engine.clock.now()
            {
                self.announced = Some(life.deadline);
                return Some(News::Event(SessionEvent::Expiring { expires_at: life.deadline.as_millis() }));
            }
            if Instant::now() >= self.heartbeat_at {
                self.heartbeat_at = Instant::now() + self.timing.heartbeat;
                return Some(News::Heartbeat);
            }
            match timeout(self.pause(life), self.watch.heard()).await {
                Ok(true) => {}
                Ok(false) => return None,
                Err(_) => self.check(life).await,
            }
        }
    }

    /// Asks the store how the session is, and tells all who watch it. This finds deadlines that have passed or were
    /// postponed, and what other processes have done.
    async fn check(&mut self, life: Life) {
        self.checked = match self.engine.look_up(self.watch.handle(), life).await {
            Ok(status) => {
                self.watch.tell(status);
                Checked::Now
            }
            Err(_) => Checked::Failed,
        };
        if self.checked == Checked::Failed {
            tokio::time::sleep(STORE_RETRY).await;
        }
    }

    /// Until the next thing that time brings.
    fn pause(&self, life: Life) -> Duration {
        let announced = self.announced == Some(life.deadline);
        let next = if announced { life.deadline } else { self.notice_at(life) };
        let pause = next.since(self.engine.clock.now()).max(Duration::from_millis(1));
        pause.min(self.heartbeat_at.saturating_duration_since(Instant::now()))
    }

    /// A short idle timeout is not announced with each use.
    fn notice_at(&self, life: Life) -> UnixMillis {
        let notice = self.timing.notice.min(life.idle_timeout / 2);
        UnixMillis::new(0) + life.deadline.since(UnixMillis::new(0)).saturating_sub(notice)
    }
}
