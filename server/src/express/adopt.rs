//! Sessions of Express' that move into this library's own format when they are first seen.

use std::fmt;
use std::sync::Arc;

use http::HeaderValue;
use twinjar_shared::cookie::CookieName;
use twinjar_shared::signature::KeyRing;

use super::ExpressId;
use super::candidates::candidates;
use super::found::Found;
use super::store::{ExpressStore, Replaced};
use crate::cookies::{CookieHeaders, Secrets};
use crate::id::SessionId;
use crate::session::{Adopter, Engine, SessionError, SessionEventKind, State, Step, fresh_meta};
use crate::store::{Identity, Loaded, Record, SessionData, StoreErrorKind, UserId};
use crate::{StoreKey, UnixMillis};

/// Finds out whose session it is.
type UserOf = Arc<dyn Fn(&SessionData) -> Option<UserId> + Send + Sync>;

/// Lets a native [`SessionLayer`](crate::SessionLayer) take over the sessions of an Express application: nobody who has
/// logged in there has to do so again.
///
/// A request without a session of its own that brings Express' cookie, with a good signature and a live record, gets a
/// session with the data of that record: under a new id, in the layer's own store, with the layer's own cookie. From
/// then on Express knows the session no more, and the browser is told to forget its cookie. That happens once, however
/// many requests and servers see the cookie at once, and a session that was taken over and then destroyed does not come
/// back. A record that cannot be read, or that would not be whole, is left as it is.
///
/// ```no_run
/// use twinjar_server::express::{AdoptExpress, ConnectRedis};
/// use twinjar_server::store::{RedisStore, UserId};
/// use twinjar_server::{Secrets, SessionLayer, UnixMillis};
///
/// # async fn layer(secrets: Secrets) -> Result<(), Box<dyn std::error::Error>> {
/// let address: twinjar_server::store::RedisAddress = "redis://127.0.0.1:6379/".parse()?;
/// let theirs = ConnectRedis::connect(address.clone()).await?;
/// let their_secrets = Secrets::insecure_of_any_length(["keyboard cat"])?;
/// // The last day on which a session of Express' can still be alive: 1 March 2027.
/// let until = UnixMillis::new(1_803_859_200_000);
/// let adoption = AdoptExpress::new(theirs, &their_secrets, until)
///     .user(|data| Some(UserId::new(serde_json::from_str::<String>(data.get("user")?).ok()?)));
/// let layer = SessionLayer::builder(RedisStore::connect(address).await?, &secrets).adopt_express(adoption).build()?;
/// # Ok(())
/// # }
/// ```
#[must_use = "give it to SessionLayerBuilder::adopt_express"]
pub struct AdoptExpress {
    store: Arc<dyn ExpressStore>,
    keys: KeyRing,
    ids: KeyRing,
    until: UnixMillis,
    name: String,
    user: UserOf,
}

impl AdoptExpress {
    /// Takes sessions from this store, with cookies signed by these secrets, until that moment.
    ///
    /// # Defaults
    /// - the cookie `connect.sid`
    /// - the sessions are nobody's, as far as this library goes, until the next login
    pub fn new(store: impl ExpressStore, secrets: &Secrets, until: UnixMillis) -> Self {
        Self {
            store: Arc::new(store),
            keys: secrets.ring().clone(),
            ids: secrets.ring().derive(&[b"twinjar express adoption"]),
            until,
            name: "connect.sid".to_owned(),
            user: Arc::new(|_| None),
        }
    }

    /// The name of Express' cookie.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = name.into();
        self
    }

    /// How the data tells who has logged in, so that the session is among the user's.
    pub fn user(mut self, user: impl Fn(&SessionData) -> Option<UserId> + Send + Sync + 'static) -> Self {
        self.user = Arc::new(user);
        self
    }

    async fn adopt_first(
        &self,
        engine: &Engine,
        cookies: &CookieHeaders,
        state: &mut State,
    ) -> Result<Option<SessionId>, SessionError> {
        let now = engine.clock.now();
        if now >= self.until {
            return Ok(None);
        }
        for id in candidates(cookies, &self.name, &self.keys) {
            if let Some(adopted) = self.adopt_one(engine, &id, state, now).await? {
                return Ok(Some(adopted));
            }
        }
        Ok(None)
    }

    /// First the record moves aside, which one server alone can do and which ends the session for Express; then it is
    /// made a session of this library's, under an id that every server would come to; then what was moved aside becomes
    /// a note of that. Whoever finds the record aside goes on from there, also after a server has died in between.
    async fn adopt_one(
        &self,
        engine: &Engine,
        id: &ExpressId,
        state: &mut State,
        now: UnixMillis,
    ) -> Result<Option<SessionId>, SessionError> {
        let aside = ExpressId::new(["twinjar-adopted:", id.as_str()].concat());
        let own = SessionId::from_mac(&self.ids.mac(&[id.as_str().as_bytes()]));
        let text = match self.text(id, now).await? {
            None => self.text(&aside, now).await?,
            Some(text) => {
                let Some(found) = readable(id, text, now) else { return Ok(None) };
                let life = found.life(now);
                match self.store.rename(id, &aside, &found.text, &found.text, life).await? {
                    Replaced::Done => Some(found.text),
                    // Another request is at it, or Express has ended it or written to it. The next request will see.
                    Replaced::Gone | Replaced::Other(_) | Replaced::Taken => self.text(&aside, now).await?,
                }
            }
        };
        let Some(text) = text else { return Ok(None) };
        if is_note(&text) {
            return Ok(Some(own));
        }
        let Some(found) = readable(&aside, text, now) else { return Ok(None) };
        let adopted = self.take_in(engine, &found, own.store_key(), now).await?;
        state.foreign = Some(Box::new(found));
        Ok(adopted.then_some(own))
    }

    /// What stands there, if it is a text.
    async fn text(&self, id: &ExpressId, now: UnixMillis) -> Result<Option<String>, SessionError> {
        match self.store.get(id, now).await {
            Err(error) if error.kind() == StoreErrorKind::Corrupt => {
                leave(&error);
                Ok(None)
            }
            read => Ok(read?),
        }
    }

    /// `false`: the session had been taken over before, and has ended since.
    async fn take_in(
        &self,
        engine: &Engine,
        found: &Found,
        key: StoreKey,
        now: UnixMillis,
    ) -> Result<bool, SessionError> {
        let record = self.native(engine, found, now);
        let mut handle = record.meta.handle;
        let created = engine.store.create(&key, record.into(), now).await?;
        if !created {
            handle = match engine.store.load(&key, now).await? {
                Some(Loaded::Live { record, .. }) => record.meta.handle,
                Some(Loaded::Alias(alias)) => alias.record.meta.handle,
                Some(Loaded::Retired { .. }) | None => return Ok(false),
            };
        }
        let note = note(handle.as_str());
        let noted = self.store.replace(&found.id, &found.text, &note, found.life(now)).await?;
        let is_it = match noted {
            Replaced::Done => true,
            Replaced::Other(present) => present == note,
            Replaced::Gone | Replaced::Taken => false,
        };
        if created && !is_it {
            // Another server has taken it in, and it has been ended since: this one comes too late.
            engine.store.delete(&key, now).await?;
            return Ok(false);
        }
        if created {
            engine.report(handle, SessionEventKind::Created);
        }
        Ok(true)
    }

    fn native(&self, engine: &Engine, found: &Found, now: UnixMillis) -> Record {
        let mut meta = fresh_meta(now, &engine.lifetime);
        meta.persistent = found.expires_at.is_some();
        let data = found.data().clone();
        let identity = (self.user)(&data).map(|user| Identity { user, authenticated_at: now });
        meta.identity = identity.map(Arc::new);
        let touch = engine.lifetime.touch(&meta, now);
        Record { data, revision: 1, deadline: touch.deadline, seen_at: now, meta }
    }
}

impl Adopter for AdoptExpress {
    fn adopt<'a>(
        &'a self,
        engine: &'a Engine,
        cookies: &'a CookieHeaders,
        state: &'a mut State,
    ) -> Step<'a, Option<SessionId>> {
        Box::pin(self.adopt_first(engine, cookies, state))
    }

    fn cookie_line(&self, state: &State) -> Option<HeaderValue> {
        let found: &Found = super::sessions::found(state)?;
        let line = found.settings.removal(CookieName::new(&self.name).ok()?).ok()?;
        HeaderValue::try_from(line).ok()
    }
}

impl fmt::Debug for AdoptExpress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AdoptExpress")
            .field("name", &self.name)
            .field("until", &self.until)
            .finish_non_exhaustive()
    }
}

/// What cannot be read is left to Express, and its visitor is a new one here.
fn readable(id: &ExpressId, text: String, now: UnixMillis) -> Option<Found> {
    match Found::read(id.clone(), text, now) {
        Ok(Some(found)) if found.has_unnameable => {
            leave(&"a value has a name with half a surrogate pair");
            None
        }
        Ok(found) => found,
        Err(error) => {
            leave(&error);
            None
        }
    }
}

fn leave(why: &dyn fmt::Display) {
    tracing::warn!(%why, "a session of Express' cannot be taken over; its record is left as it is");
}

/// What begins a note in place of a record that was taken over: a record itself, for Express lists it among the others.
const NOTE: &str = "{\"cookie\":{\"originalMaxAge\":null},\"taken over by twinjar as\":\"";

fn note(handle: &str) -> String {
    [NOTE, handle, "\"}"].concat()
}

fn is_note(text: &str) -> bool {
    text.starts_with(NOTE)
}
