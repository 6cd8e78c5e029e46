//! What others change, as PostgreSQL tells it: a trigger notifies, and a connection of its own listens.

use std::pin::Pin;
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use base64ct::{Base64, Encoding};
use futures_util::{Stream, StreamExt, stream};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::watch;
use tokio_postgres::tls::TlsStream;
use tokio_postgres::{AsyncMessage, Client, Config, Connection, Error, NoTls};

use super::address::Encryption;
use super::connection::{Settings, quoted, session_settings};
use super::error::store_error;
use super::tls;
use crate::StoreKey;
use crate::store::{News, StoreError, StoreErrorKind};

/// How long PostgreSQL may take to answer a proof.
const PATIENCE: Duration = Duration::from_secs(1);

/// The pause before a channel that has broken is opened anew.
const RETRY_DELAY: Duration = Duration::from_millis(100);

/// What the connection is called in PostgreSQL's lists.
const NAME: &str = "twinjar news";

/// Nothing is told before this is done, once for all servers; it waits for the writes that are under way.
const TELL: &str = "ALTER TABLE sessions ENABLE TRIGGER tell_of_changes";
const IS_TOLD: &str = "SELECT tgenabled <> 'D' FROM pg_trigger \
     WHERE tgrelid = 'sessions'::regclass AND tgname = 'tell_of_changes'";

/// What it takes to open a channel.
pub(super) struct Opener {
    pub(super) config: Config,
    pub(super) encryption: Encryption,
    pub(super) settings: Settings,
}

/// Passes on what PostgreSQL tells, for as long as somebody holds the news.
pub(super) async fn follow(opener: Opener, news: Weak<News>) {
    let mut warned = false;
    loop {
        let opened = match news.upgrade() {
            Some(held) => tokio::time::timeout(opener.settings.timeout * 2, opener.open(&held)).await,
            None => return,
        };
        match opened {
            Ok(Ok(channel)) => {
                warned = false;
                channel.prove(&news).await;
            }
            Ok(Err(error)) if !std::mem::replace(&mut warned, true) => {
                let cause = std::error::Error::source(&error).map(tracing::field::display);
                tracing::warn!(%error, cause, "PostgreSQL does not tell what other servers change");
            }
            Ok(Err(_)) | Err(_) => {}
        }
        let Some(held) = news.upgrade() else { return };
        held.lost();
        drop(held);
        tokio::time::sleep(RETRY_DELAY).await;
    }
}

struct Channel {
    client: Client,
    /// The schema, as the trigger calls it.
    name: String,
    /// What this channel's proofs begin with.
    mark: String,
    /// The last proof that has come back; closed when the connection has ended.
    proven: watch::Receiver<u64>,
}

impl Opener {
    async fn open(&self, news: &Arc<News>) -> Result<Channel, StoreError> {
        let (client, messages) = self.connect().await?;
        let mark = format!("proof {:016x} ", rand::random::<u64>());
        let (proofs, proven) = watch::channel(0);
        tokio::spawn(listen(messages, Arc::downgrade(news), mark.clone(), proofs));
        let listen =
            format!("{}; LISTEN {}", session_settings(&self.settings), quoted(&self.settings.schema));
        client.batch_execute(&listen).await.map_err(store_error)?;
        match client.query_opt(IS_TOLD, &[]).await.map_err(store_error)?.map(|row| row.get(0)) {
            Some(true) => {}
            Some(false) => client.batch_execute(TELL).await.map_err(store_error)?,
            None => return Err(StoreError::new(StoreErrorKind::Incompatible)),
        }
        let name = client.query_one("SELECT current_schema()::text", &[]).await.map_err(store_error)?;
        Ok(Channel { name: name.try_get(0).map_err(store_error)?, client, mark, proven })
    }

    async fn connect(&self) -> Result<(Client, Messages), StoreError> {
        let mut config = self.config.clone();
        config.application_name(NAME);
        Ok(match &self.encryption {
            Encryption::None => {
                let (client, connection) = config.connect(NoTls).await.map_err(store_error)?;
                (client, messages(connection))
            }
            Encryption::Verified { authorities } => {
                let tls = tls::connector(authorities.as_deref())?;
                let (client, connection) = config.connect(tls).await.map_err(store_error)?;
                (client, messages(connection))
            }
        })
    }
}

impl Channel {
    /// Until it breaks, falls silent, or nobody holds the news any more.
    async fn prove(mut self, news: &Weak<News>) {
        for number in 1.. {
            let sent = Instant::now();
            // It comes back after everything that was committed before it.
            if tokio::time::timeout(PATIENCE, self.comes_back(number)).await != Ok(true) {
                return;
            }
            let Some(news) = news.upgrade() else { return };
            news.heard_up_to(sent);
            drop(news);
            tokio::select! {
                () = tokio::time::sleep(News::HEARTBEAT) => {}
                () = ended(&mut self.proven) => return,
            }
        }
    }

    async fn comes_back(&mut self, number: u64) -> bool {
        let proof = format!("{}{number}", self.mark);
        self.client.execute("SELECT pg_notify($1, $2)", &[&self.name, &proof]).await.is_ok()
            && self.proven.wait_for(|proven| *proven == number).await.is_ok()
    }
}

async fn ended(proven: &mut watch::Receiver<u64>) {
    while proven.changed().await.is_ok() {}
}

type Messages = Pin<Box<dyn Stream<Item = Result<AsyncMessage, Error>> + Send>>;

fn messages<S, T>(mut connection: Connection<S, T>) -> Messages
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    T: TlsStream + Unpin + Send + 'static,
{
    Box::pin(stream::poll_fn(move |context| connection.poll_message(context)))
}

/// Passes words on in the order in which PostgreSQL tells them.
async fn listen(mut messages: Messages, news: Weak<News>, mark: String, proofs: watch::Sender<u64>) {
    while let Some(Ok(message)) = messages.next().await {
        let AsyncMessage::Notification(word) = message else { continue };
        let Some(news) = news.upgrade() else { return };
        if let Some(key) = read_key(word.payload()) {
            news.changed(&key);
        } else if let Some(number) = word.payload().strip_prefix(&mark) {
            proofs.send_replace(number.parse().unwrap_or_default());
        }
    }
    // Before anybody notices that no proof comes back.
    if let Some(news) = news.upgrade() {
        news.lost();
    }
}

fn read_key(payload: &str) -> Option<StoreKey> {
    let mut bytes = [0; 32];
    let read = Base64::decode(payload, &mut bytes).ok()?.len();
    (read == bytes.len()).then(|| StoreKey::from_bytes(bytes))
}
