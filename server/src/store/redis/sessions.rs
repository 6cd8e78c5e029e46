//! The operations on one session, and on those of a user.

use std::sync::Arc;
use std::time::Instant;

use futures_util::{StreamExt, TryStreamExt, stream};
use redis::{FromRedisValue, Value};
use smallvec::SmallVec;

use super::address::RedisAddress;
use super::channel::Opener;
use super::connection::Connection;
use super::error::corrupt;
use super::keys::Group;
use super::link::Manner;
use super::locks::LeasedLocks;
use super::record::{Stamp, Stamped, decode, encode, from_millis, life, millis};
use super::scripts::{self, Script};
use crate::store::channel::Followed;
use crate::store::recent::Recent;
use crate::store::{
    Alias, Commit, Committed, Loaded, Located, MAX_ALIASES, News, Record, Rotation, StoreError,
    StoreErrorKind, Touch, UserId,
};
use crate::{Handle, StoreKey, UnixMillis};

/// Groups of a cluster that are asked side by side.
const GROUPS_AT_ONCE: usize = 64;

pub(super) struct Inner {
    pub(super) connection: Arc<Connection>,
    pub(super) locks: LeasedLocks,
    recent: Recent<Stamped>,
    address: RedisAddress,
    manner: Manner,
    news: Followed,
}

impl Inner {
    pub(super) fn new(connection: Connection, address: RedisAddress, manner: Manner) -> Self {
        let (connection, locks) = (Arc::new(connection), LeasedLocks::default());
        Self { connection, locks, recent: Recent::new(), address, manner, news: Followed::default() }
    }

    /// The channel is opened when somebody asks for the first time.
    pub(super) fn news(&self) -> &News {
        self.news.get(|| Opener {
            address: self.address.clone(),
            manner: self.manner.clone(),
            keys: self.connection.keys.clone(),
        })
    }

    pub(super) fn recall(&self, key: &StoreKey) -> Option<Arc<Record>> {
        self.recent.get_confirmed(key).map(|seen| seen.record)
    }

    pub(super) async fn create(
        &self,
        key: &StoreKey,
        record: Arc<Record>,
        now: UnixMillis,
    ) -> Result<bool, StoreError> {
        let stamp = rand::random();
        let bytes = encode(&record, &stamp);
        let created = self.create_in_free_place(key, &record, &bytes, now).await?
            || self.run(&scripts::CREATE, key, now, &[key.as_bytes(), &bytes]).await?;
        if created {
            let seen = Stamped { record, stamp: Some(stamp), unconfirmed: false };
            self.remember(key, &seen);
        }
        Ok(created)
    }

    /// By a plain command, which costs Redis a tenth of a script: for a session without a user, of whom no index is kept,
    /// under a key that nothing stands under. `false`: nothing has happened.
    async fn create_in_free_place(
        &self,
        key: &StoreKey,
        record: &Record,
        bytes: &[u8],
        now: UnixMillis,
    ) -> Result<bool, StoreError> {
        if record.meta.identity.is_some() || !record.is_live(now) {
            return Ok(false);
        }
        let mut set = redis::cmd("SET");
        set.arg(self.connection.keys.session(key)).arg(bytes).arg("NX");
        if let Some(life) = life(record, now) {
            set.arg("PX").arg(life);
        }
        self.connection.query(&set).await
    }

    pub(super) async fn load(&self, key: &StoreKey, now: UnixMillis) -> Result<Option<Loaded>, StoreError> {
        match self.get(key).await? {
            Some(Found::Alias) => self.follow(key, now).await,
            Some(Found::Session(Stamped { record, unconfirmed, .. })) if record.is_live(now) => {
                Ok(Some(Loaded::Live { record, unconfirmed }))
            }
            Some(Found::Session(_)) | None => Ok(None),
        }
    }

    async fn get(&self, key: &StoreKey) -> Result<Option<Found>, StoreError> {
        let mut get = redis::cmd("GET");
        get.arg(self.connection.keys.session(key));
        let value: Option<Vec<u8>> = self.connection.query(&get).await?;
        match value.as_deref() {
            None => Ok(None),
            Some([b'A', ..]) => Ok(Some(Found::Alias)),
            Some(bytes) => {
                let seen = decode(bytes)?;
                self.remember(key, &seen);
                Ok(Some(Found::Session(seen)))
            }
        }
    }

    fn remember(&self, key: &StoreKey, seen: &Stamped) {
        self.recent.put_known(key, seen, !seen.unconfirmed);
    }

    async fn follow(&self, alias: &StoreKey, now: UnixMillis) -> Result<Option<Loaded>, StoreError> {
        type Lead = (Vec<u8>, Vec<u8>, u64, Vec<u8>);
        let lead: Option<Lead> = self.run(&scripts::FOLLOW, alias, now, &[alias.as_bytes()]).await?;
        let Some((successor, record, retire_at, nonce)) = lead else { return Ok(None) };
        let successor = read_key(&successor)?;
        if from_millis(retire_at) <= now {
            return Ok(Some(Loaded::Retired { successor }));
        }
        let seen = decode(&record)?;
        self.remember(&successor, &seen);
        Ok(Some(Loaded::Alias(Alias { successor, record: seen.record, nonce: nonce.try_into().ok() })))
    }

    pub(super) async fn locate(
        &self,
        key: &StoreKey,
        handle: Handle,
        now: UnixMillis,
    ) -> Result<Located, StoreError> {
        let arguments: [&[u8]; 2] = [key.as_bytes(), handle.as_str().as_bytes()];
        let found: Option<(Vec<u8>, Vec<u8>)> = self.run(&scripts::LOCATE, key, now, &arguments).await?;
        let Some((key, record)) = found else { return Ok(Located::Ended) };
        Ok(Located::At { key: read_key(&key)?, record: decode(&record)?.record })
    }

    /// A commit, with or without a rotation: made here from the record as it was seen last, and stored if it is still
    /// that; else made again from the record that is there.
    pub(super) async fn change(
        &self,
        key: &StoreKey,
        rotation: Option<Rotation>,
        commit: Commit<'_>,
        now: UnixMillis,
    ) -> Result<Committed, StoreError> {
        let known = self
            .recent
            .get(key)
            .filter(|seen: &Stamped| seen.record.is_live(now) && commit.is_for(&seen.record));
        let mut before = match known {
            Some(seen) => seen,
            None => match self.get(key).await? {
                Some(Found::Session(seen)) if seen.record.is_live(now) => seen,
                Some(Found::Session(_) | Found::Alias) | None => return Ok(Committed::Gone),
            },
        };
        let start = Instant::now();
        loop {
            if !commit.is_for(&before.record) {
                return Ok(Committed::Conflict);
            }
            if start.elapsed() > self.connection.timeout {
                // Others, nearer to Redis, come first again and again.
                return Err(StoreError::new(StoreErrorKind::Unavailable));
            }
            let (mut after, stamp) = (before.record.after(commit), rand::random());
            match self.store(key, rotation, &before, (&after, &stamp), commit.meta.is_some(), now).await? {
                Stored::Done { life } => {
                    if let Some(life) = life {
                        (after.deadline, after.seen_at) = life;
                    }
                    let after = Arc::new(after);
                    let (key, unconfirmed) = match &rotation {
                        None => (key, before.unconfirmed),
                        Some(Rotation { to, alias }) => (to, alias.is_some()),
                    };
                    let seen = Stamped { record: Arc::clone(&after), stamp: Some(stamp), unconfirmed };
                    self.remember(key, &seen);
                    return Ok(Committed::Done(after));
                }
                Stored::Gone => return Ok(Committed::Gone),
                Stored::Taken => return Ok(Committed::Conflict),
                Stored::Other(seen) => {
                    self.remember(key, &seen);
                    if commit.expected.is_some() && seen.record.revision == before.record.revision {
                        // What the caller has seen is lost, and another record has its number.
                        return Ok(Committed::Conflict);
                    }
                    before = seen;
                }
            }
        }
    }

    async fn store(
        &self,
        key: &StoreKey,
        rotation: Option<Rotation>,
        before: &Stamped,
        (after, stamp): (&Record, &Stamp),
        sets_life: bool,
        now: UnixMillis,
    ) -> Result<Stored, StoreError> {
        let (head, record) = (before.head(), encode(after, stamp));
        let is_usual = !sets_life && before.stands_alone();
        let life = life(after, now).filter(|_| is_usual).unwrap_or_default();
        let usual: [&[u8]; 5] =
            [key.as_bytes(), &record, &head, if sets_life { b"1" } else { b"0" }, life.as_bytes()];
        let answer = match &rotation {
            None => self.run(&scripts::COMMIT, key, now, &usual).await?,
            Some(Rotation { to, alias }) => {
                let nonce = alias.as_ref().map_or(&[][..], |nonce| nonce);
                let most_aliases = MAX_ALIASES.to_string();
                let more: [&[u8]; 3] = [to.as_bytes(), nonce, most_aliases.as_bytes()];
                self.run(&scripts::ROTATE, key, now, &[&usual[..], &more].concat()).await?
            }
        };
        match answer {
            Value::Nil => Ok(Stored::Gone),
            Value::Int(0) => Ok(Stored::Taken),
            Value::Int(_) => Ok(Stored::Done { life: None }),
            Value::BulkString(bytes) => Ok(Stored::Other(decode(&bytes)?)),
            life => {
                let (deadline, seen_at) = redis::from_redis_value(life).map_err(|_| corrupt())?;
                Ok(Stored::Done { life: Some((from_millis(deadline), from_millis(seen_at))) })
            }
        }
    }

    pub(super) async fn touch(
        &self,
        key: &StoreKey,
        touch: Touch,
        now: UnixMillis,
    ) -> Result<bool, StoreError> {
        let (deadline, seen_at) = (text(touch.deadline), text(touch.seen_at));
        let arguments: [&[u8]; 3] = [key.as_bytes(), deadline.as_bytes(), seen_at.as_bytes()];
        self.run(&scripts::TOUCH, key, now, &arguments).await
    }

    pub(super) async fn confirm(&self, key: &StoreKey, retire_at: UnixMillis) -> Result<(), StoreError> {
        let retire_at = text(retire_at);
        let arguments: [&[u8]; 2] = [key.as_bytes(), retire_at.as_bytes()];
        self.run(&scripts::CONFIRM, key, UnixMillis::default(), &arguments).await
    }

    pub(super) async fn delete(&self, key: &StoreKey, now: UnixMillis) -> Result<bool, StoreError> {
        self.run(&scripts::DELETE, key, now, &[key.as_bytes()]).await
    }

    pub(super) async fn list(
        &self,
        user: &UserId,
        now: UnixMillis,
    ) -> Result<Vec<(StoreKey, Arc<Record>)>, StoreError> {
        type Found = Vec<(Vec<u8>, Vec<u8>)>;
        let found: Vec<Found> = self.run_for_user(&scripts::LIST, user, now, |_| &[]).await?;
        let session = |(key, record): (Vec<u8>, Vec<u8>)| Ok((read_key(&key)?, decode(&record)?.record));
        found.into_iter().flatten().map(session).collect()
    }

    pub(super) async fn delete_all_of(
        &self,
        user: &UserId,
        except: Option<&StoreKey>,
        now: UnixMillis,
    ) -> Result<u64, StoreError> {
        let spared = |group| match except {
            Some(key) if self.connection.keys.group_of(key) == group => &key.as_bytes()[..],
            _ => &[],
        };
        let deleted: Vec<u64> = self.run_for_user(&scripts::DELETE_ALL, user, now, spared).await?;
        Ok(deleted.into_iter().sum())
    }

    pub(super) async fn run<T: FromRedisValue>(
        &self,
        script: &Script,
        key: &StoreKey,
        now: UnixMillis,
        arguments: &[&[u8]],
    ) -> Result<T, StoreError> {
        let keys = &self.connection.keys;
        let (prefix, now) = (keys.prefix(keys.group_of(key)), text(now));
        let mut all = SmallVec::<[&[u8]; 12]>::from_slice(&[&prefix, now.as_bytes()]);
        all.extend_from_slice(arguments);
        self.connection.run(script, &keys.session(key), &all).await
    }

    /// Once in each group: a session is always in the same one.
    async fn run_for_user<'a, T: FromRedisValue>(
        &self,
        script: &Script,
        user: &UserId,
        now: UnixMillis,
        argument: impl Fn(Group) -> &'a [u8],
    ) -> Result<Vec<T>, StoreError> {
        let (user, now) = (user.as_str().as_bytes(), text(now));
        let run = |group| {
            let (prefix, argument) = (self.connection.keys.prefix(group), argument(group));
            let now = &now;
            async move {
                let index = [&prefix[..], b"u:", user].concat();
                self.connection.run(script, &index, &[&prefix, now.as_bytes(), user, argument]).await
            }
        };
        stream::iter(self.connection.keys.groups())
            .map(run)
            .buffer_unordered(GROUPS_AT_ONCE)
            .try_collect()
            .await
    }
}

/// How a changed record was received.
enum Stored {
    /// It is stored, with these times for the deadline and the last visit; `None`: with those that it had.
    Done { life: Option<(UnixMillis, UnixMillis)> },
    /// The session has ended.
    Gone,
    /// The new key is taken.
    Taken,
    /// Another record is there by now.
    Other(Stamped),
}

/// What stands under a key; its deadline may have passed.
enum Found {
    Session(Stamped),
    Alias,
}

fn text(moment: UnixMillis) -> String {
    millis(moment).to_string()
}

pub(super) fn read_key(bytes: &[u8]) -> Result<StoreKey, StoreError> {
    bytes.try_into().map(StoreKey::from_bytes).map_err(|_| corrupt())
}
