//! Sessions out of Redis, and into it.

use futures_util::{StreamExt, TryStreamExt, stream};

use super::channel::{masters, slots};
use super::error::corrupt;
use super::record::{Stamped, decode, encode, from_millis, millis};
use super::sessions::{Inner, read_key};
use super::{RedisStore, scripts};
use crate::store::transfer::{Cursor, Page, StoredAlias, StoredSession, Transfer};
use crate::store::{StoreError, StoreFuture};
use crate::{StoreKey, UnixMillis};

/// Keys that Redis looks at in one step, and sessions that are read side by side.
const KEYS_OF_A_PAGE: usize = 500;
const AT_ONCE: usize = 64;

/// In a cluster, aliases that are not in the session's group are left out: no script of the session's finds them.
impl Transfer for RedisStore {
    fn page<'a>(&'a self, from: Option<&'a Cursor>, now: UnixMillis) -> StoreFuture<'a, Page> {
        StoreFuture::new(self.0.page(from, now))
    }

    fn restore<'a>(&'a self, session: &'a StoredSession, now: UnixMillis) -> StoreFuture<'a, bool> {
        StoreFuture::new(self.0.restore(session, now))
    }
}

impl Inner {
    async fn page(&self, from: Option<&Cursor>, now: UnixMillis) -> Result<Page, StoreError> {
        let (number, cursor) = from.map_or(Some((0, 0)), read_cursor).ok_or_else(corrupt)?;
        let nodes = self.nodes().await?;
        let node = nodes.get(number).ok_or_else(corrupt)?;
        let mut scan = redis::cmd("SCAN");
        scan.arg(cursor).arg("MATCH").arg(self.connection.keys.pattern()).arg("COUNT").arg(KEYS_OF_A_PAGE);
        let (cursor, found): (u64, Vec<Vec<u8>>) = self.connection.query_at(node.as_ref(), &scan).await?;
        let keys: Vec<StoreKey> =
            found.iter().filter_map(|key| self.connection.keys.session_of(key)).collect();
        let read = stream::iter(keys).map(|key| self.stored(key, now)).buffer_unordered(AT_ONCE);
        let sessions: Vec<Option<StoredSession>> = read.try_collect().await?;
        let next = match cursor {
            0 => Some((number + 1, 0)).filter(|(number, _)| *number < nodes.len()),
            cursor => Some((number, cursor)),
        };
        let next = next.map(|(number, cursor)| Cursor(format!("{number}:{cursor}").into()));
        Ok(Page { sessions: sessions.into_iter().flatten().collect(), next })
    }

    /// Where the keys are: anywhere, or in a cluster on each of its masters.
    async fn nodes(&self) -> Result<Vec<Option<(String, u16)>>, StoreError> {
        if !self.connection.keys.is_grouped() {
            return Ok(vec![None]);
        }
        let masters = masters(&self.connection.query(&slots()).await?).ok_or_else(corrupt)?;
        Ok(masters.into_iter().map(Some).collect())
    }

    async fn stored(&self, key: StoreKey, now: UnixMillis) -> Result<Option<StoredSession>, StoreError> {
        let found: Option<Vec<Vec<u8>>> = self.run(&scripts::EXPORT, &key, now, &[key.as_bytes()]).await?;
        let Some((record, aliases)) = found.as_deref().and_then(<[_]>::split_first) else { return Ok(None) };
        let Stamped { record, unconfirmed, .. } = decode(record)?;
        let aliases = aliases.chunks_exact(3).map(|alias| {
            let retire_at = std::str::from_utf8(&alias[1]).ok().and_then(|text| text.parse().ok());
            let retire_at = retire_at.map(from_millis).ok_or_else(corrupt)?;
            Ok(StoredAlias {
                key: read_key(&alias[0])?,
                nonce: alias[2].as_slice().try_into().ok(),
                retire_at: Some(retire_at).filter(|end| *end != UnixMillis::MAX),
            })
        });
        let aliases = aliases.collect::<Result<_, StoreError>>()?;
        Ok(Some(StoredSession { key, record, unconfirmed, aliases }))
    }

    async fn restore(&self, session: &StoredSession, now: UnixMillis) -> Result<bool, StoreError> {
        let StoredSession { key, record, unconfirmed, aliases } = session;
        let group = self.connection.keys.group_of(key);
        let aliases = aliases.iter().filter(|alias| self.connection.keys.group_of(&alias.key) == group);
        let aliases = aliases.map(|alias| {
            let retire_at = millis(alias.retire_at.unwrap_or(UnixMillis::MAX)).to_string();
            (alias.key.as_bytes(), retire_at, alias.nonce.unwrap_or_default())
        });
        let (record, aliases) = (encode(record, &rand::random()), aliases.collect::<Vec<_>>());
        let mut arguments: Vec<&[u8]> = vec![key.as_bytes(), &record, if *unconfirmed { b"1" } else { b"0" }];
        for (key, retire_at, nonce) in &aliases {
            arguments.extend([&key[..], retire_at.as_bytes(), &nonce[..]]);
        }
        self.run(&scripts::RESTORE, key, now, &arguments).await
    }
}

fn read_cursor(cursor: &Cursor) -> Option<(usize, u64)> {
    let (number, cursor) = cursor.0.split_once(':')?;
    Some((number.parse().ok()?, cursor.parse().ok()?))
}
