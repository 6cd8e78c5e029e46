//! A store's channel of news: opened, proven again and again, and opened anew where it breaks.

use std::error::Error;
use std::sync::{Arc, OnceLock, Weak};
use std::time::{Duration, Instant};

use tokio::time::timeout;

use super::{News, StoreError};

/// How long a proof may take.
pub(super) const PATIENCE: Duration = Duration::from_secs(1);

/// The pause before a channel that has broken is opened anew, and how long it grows while that fails.
const RETRY_DELAY: Duration = Duration::from_millis(100);
const LONGEST_RETRY_DELAY: Duration = Duration::from_secs(2);

/// Opens channels of one store.
pub(super) trait Opener: Send + Sync {
    type Channel: Channel;

    /// Who tells, as it stands in a sentence.
    const TELLER: &'static str;

    /// How long opening a channel may take.
    fn patience(&self) -> Duration;

    /// A channel that passes on what it hears to the news, and calls them lost when it breaks.
    fn open(&self, news: &Arc<News>) -> impl Future<Output = Result<Self::Channel, StoreError>> + Send;
}

/// An open channel.
pub(super) trait Channel: Send {
    /// Waits until everything that was told before the call has been passed on. `false`: that cannot be known.
    fn is_sound(&mut self) -> impl Future<Output = bool> + Send;

    /// Waits until it breaks.
    fn breaks(&mut self) -> impl Future<Output = ()> + Send;
}

/// News that nobody follows until somebody asks for them.
#[derive(Default)]
pub(super) struct Followed {
    news: OnceLock<Arc<News>>,
    is_followed: OnceLock<()>,
}

impl Followed {
    /// The news, followed from now on until this is dropped.
    pub(super) fn get<O: Opener + 'static>(&self, opener: impl FnOnce() -> O) -> &News {
        let news = self.news.get_or_init(|| Arc::new(News::new()));
        // Whoever asks first may do so before there is a runtime to follow them on.
        if self.is_followed.get().is_none()
            && let Ok(runtime) = tokio::runtime::Handle::try_current()
            && self.is_followed.set(()).is_ok()
        {
            runtime.spawn(follow(opener(), Arc::downgrade(news)));
        }
        news
    }
}

/// Keeps a channel open for as long as somebody holds the news.
async fn follow<O: Opener>(opener: O, news: Weak<News>) {
    let (mut pause, mut warned) = (RETRY_DELAY, false);
    loop {
        let opened = match news.upgrade() {
            Some(held) => timeout(opener.patience(), opener.open(&held)).await,
            None => return,
        };
        match opened {
            Ok(Ok(channel)) => {
                (pause, warned) = (RETRY_DELAY, false);
                prove(channel, &news).await;
            }
            failed => {
                if let (Ok(Err(error)), false) = (failed, std::mem::replace(&mut warned, true)) {
                    let cause = error.source().map(tracing::field::display);
                    tracing::warn!(%error, cause, "{} does not tell what other servers change", O::TELLER);
                }
                pause = LONGEST_RETRY_DELAY.min(pause * 2);
            }
        }
        let Some(held) = news.upgrade() else { return };
        held.lost();
        drop(held);
        tokio::time::sleep(pause).await;
    }
}

/// Until it breaks, falls silent, or nobody holds the news any more.
async fn prove(mut channel: impl Channel, news: &Weak<News>) {
    loop {
        let asked = Instant::now();
        if !matches!(timeout(PATIENCE, channel.is_sound()).await, Ok(true)) {
            return;
        }
        let Some(held) = news.upgrade() else { return };
        held.heard_up_to(asked);
        drop(held);
        if timeout(News::HEARTBEAT, channel.breaks()).await.is_ok() {
            return;
        }
    }
}
