//! Sessions out of the tables, and into them.

use super::connection::Values;
use super::error::corrupt;
use super::row::{Columns, get, read_key, read_record, record_columns};
use super::{Inner, PostgresStore};
use crate::UnixMillis;
use crate::store::integers::{from_millis, millis};
use crate::store::transfer::{Cursor, Page, StoredAlias, StoredSession, Transfer};
use crate::store::{StoreError, StoreFuture};

const SESSIONS_OF_A_PAGE: i64 = 500;

const PAGE: &str = concat!(
    "SELECT id, key, confirmed, \
     ARRAY(SELECT key FROM aliases WHERE session = sessions.id ORDER BY id), \
     ARRAY(SELECT nonce FROM aliases WHERE session = sessions.id ORDER BY id), \
     ARRAY(SELECT retire_at FROM aliases WHERE session = sessions.id ORDER BY id), ",
    record_columns!(),
    " FROM sessions WHERE id > $1 AND deadline > $2 ORDER BY id LIMIT $3"
);

const RESTORE: &str = "WITH new AS (\
       INSERT INTO sessions (key, confirmed, data, revision, deadline, seen_at, handle, created_at, \
         absolute_deadline, idle_timeout, persistent, user_name, authenticated_at) \
       SELECT $1::bytea, $2::boolean, $3::bytea, $4::bigint, $5::bigint, $6::bigint, $7::text, $8::bigint, \
         $9::bigint, $10::bigint, $11::boolean, $12::bytea, $13::bigint \
       WHERE NOT EXISTS (SELECT FROM sessions WHERE key = ANY (array_append($14::bytea[], $1))) \
         AND NOT EXISTS (SELECT FROM aliases WHERE key = ANY (array_append($14::bytea[], $1))) \
       ON CONFLICT DO NOTHING RETURNING id), \
     led AS (\
       INSERT INTO aliases (key, session, nonce, retire_at) SELECT was.key, new.id, was.nonce, was.retire_at \
       FROM new, unnest($14::bytea[], $15::bytea[], $16::bigint[]) WITH ORDINALITY \
         AS was (key, nonce, retire_at, position) ORDER BY position) \
     SELECT EXISTS (SELECT FROM new)";

impl Transfer for PostgresStore {
    fn page<'a>(&'a self, from: Option<&'a Cursor>, now: UnixMillis) -> StoreFuture<'a, Page> {
        StoreFuture::new(self.0.page(from, now))
    }

    fn restore<'a>(&'a self, session: &'a StoredSession, _: UnixMillis) -> StoreFuture<'a, bool> {
        StoreFuture::new(self.0.restore(session))
    }
}

impl Inner {
    async fn page(&self, from: Option<&Cursor>, now: UnixMillis) -> Result<Page, StoreError> {
        let after: i64 = from.map_or(Ok(0), |cursor| cursor.0.parse()).map_err(corrupt)?;
        let values: Values<'_> = &[&after, &millis(now), &SESSIONS_OF_A_PAGE];
        let rows = self.database.query(PAGE, values).await?;
        let mut sessions = Vec::with_capacity(rows.len());
        for row in &rows {
            let keys: Vec<&[u8]> = get(row, 3)?;
            let nonces: Vec<Option<&[u8]>> = get(row, 4)?;
            let ends: Vec<Option<i64>> = get(row, 5)?;
            let aliases = keys.into_iter().zip(nonces).zip(ends).map(|((key, nonce), end)| {
                Ok(StoredAlias {
                    key: key.try_into().map(crate::StoreKey::from_bytes).map_err(corrupt)?,
                    nonce: nonce.map(|nonce| nonce.try_into().map_err(corrupt)).transpose()?,
                    retire_at: end.map(from_millis),
                })
            });
            sessions.push(StoredSession {
                key: read_key(row, 1)?,
                unconfirmed: !get::<bool>(row, 2)?,
                aliases: aliases.collect::<Result<_, StoreError>>()?,
                record: read_record(row, 6)?.into(),
            });
        }
        let last: Option<i64> = rows.last().map(|row| get(row, 0)).transpose()?;
        let next = last.filter(|_| rows.len() == SESSIONS_OF_A_PAGE.unsigned_abs() as usize);
        Ok(Page { sessions, next: next.map(|id| Cursor(id.to_string().into())) })
    }

    async fn restore(&self, session: &StoredSession) -> Result<bool, StoreError> {
        let StoredSession { key, record, unconfirmed, aliases } = session;
        let columns = Columns::of(record);
        let Columns { data, revision, deadline, seen_at, handle, .. } = &columns;
        let [created_at, absolute_deadline, idle_timeout, persistent, user, authenticated_at] =
            columns.meta();
        let keys: Vec<&[u8]> = aliases.iter().map(|alias| &alias.key.as_bytes()[..]).collect();
        let nonces: Vec<Option<&[u8]>> =
            aliases.iter().map(|alias| alias.nonce.as_ref().map(|nonce| &nonce[..])).collect();
        let ends: Vec<Option<i64>> = aliases.iter().map(|alias| alias.retire_at.map(millis)).collect();
        let values: Values<'_> = &[
            &&key.as_bytes()[..],
            &!unconfirmed,
            data,
            revision,
            deadline,
            seen_at,
            handle,
            created_at,
            absolute_deadline,
            idle_timeout,
            persistent,
            user,
            authenticated_at,
            &keys,
            &nonces,
            &ends,
        ];
        self.answer(RESTORE, values).await
    }
}
