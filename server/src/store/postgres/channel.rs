//! What others change, as PostgreSQL tells it: a trigger notifies, and a connection of its own listens.

use std::pin::Pin;
use std::sync::{Arc, Weak};
use std::time::Duration;

use base64ct::{Base64, Encoding};
use futures_util::{Stream, StreamExt, stream};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::watch;
use tokio_postgres::tls::TlsStream;
use tokio_postgres::{AsyncMessage, Client, Config, Connection, Error, NoTls, Statement};

use super::address::Encryption;
use super::connection::{Settings, quoted, session_settings};
use super::error::store_error;
use super::tls;
use crate::StoreKey;
use crate::store::{News, StoreError, StoreErrorKind, channel};

/// What the connection is called in PostgreSQL's lists.
const NAME: &str = "twinjar news";

/// What is told by a truncation, which names no session.
const EVERYTHING: &str = "everything";

/// Nothing is told before this is done, once for all servers; it waits for the writes that are under way.
const TELL: &str = "ALTER TABLE sessions ENABLE TRIGGER tell_of_changes, ENABLE TRIGGER tell_of_truncation";
const TRIGGERS: &str = "SELECT tgenabled IN ('O', 'A') FROM pg_trigger \
     WHERE tgrelid = 'sessions'::regclass AND tgname IN ('tell_of_changes', 'tell_of_truncation')";
/// Comes back after everything that was committed before it, and only where changes are told.
const PROVE: &str = "SELECT pg_notify($1, $2) FROM (SELECT count(*) FROM pg_trigger \
     WHERE tgrelid = 'sessions'::regclass AND tgname IN ('tell_of_changes', 'tell_of_truncation') \
     AND tgenabled IN ('O', 'A')) AS told (triggers) WHERE triggers = 2";

/// What it takes to open a channel.
pub(super) struct Opener {
    pub(super) config: Config,
    pub(super) encryption: Encryption,
    pub(super) settings: Settings,
}

/// A connection that listens.
pub(super) struct Channel {
    client: Client,
    prove: Statement,
    /// The schema, as the trigger calls it.
    name: String,
    /// What this channel's proofs begin with.
    mark: String,
    number: u64,
    /// The last proof that has come back; closed when the connection has ended.
    proven: watch::Receiver<u64>,
}

impl channel::Opener for Opener {
    type Channel = Channel;

    const TELLER: &'static str = "PostgreSQL";

    fn patience(&self) -> Duration {
        self.settings.timeout * 2
    }

    async fn open(&self, news: &Arc<News>) -> Result<Channel, StoreError> {
        let (client, messages) = self.connect().await?;
        let mark = format!("proof {:016x} ", rand::random::<u64>());
        let (proofs, proven) = watch::channel(0);
        tokio::spawn(listen(messages, Arc::downgrade(news), mark.clone(), proofs));
        let listen =
            format!("{}; LISTEN {}", session_settings(&self.settings), quoted(&self.settings.schema));
        client.batch_execute(&listen).await.map_err(store_error)?;
        let triggers = client.query(TRIGGERS, &[]).await.map_err(store_error)?;
        match &triggers[..] {
            [one, other] if one.get(0) && other.get(0) => {}
            [_, _] => client.batch_execute(TELL).await.map_err(store_error)?,
            _ => return Err(StoreError::new(StoreErrorKind::Incompatible)),
        }
        let name = client.query_one("SELECT current_schema()::text", &[]).await.map_err(store_error)?;
        let name = name.try_get(0).map_err(store_error)?;
        let prove = client.prepare(PROVE).await.map_err(store_error)?;
        Ok(Channel { client, prove, name, mark, number: 0, proven })
    }
}

impl Opener {
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

impl channel::Channel for Channel {
    async fn is_sound(&mut self) -> bool {
        self.number += 1;
        let proof = format!("{}{}", self.mark, self.number);
        matches!(self.client.execute(&self.prove, &[&self.name, &proof]).await, Ok(1))
            && self.proven.wait_for(|proven| *proven == self.number).await.is_ok()
    }

    async fn breaks(&mut self) {
        while self.proven.changed().await.is_ok() {}
    }
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
        } else if word.payload() == EVERYTHING {
            news.lost();
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
