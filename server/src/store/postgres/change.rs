//! Commits and rotations: made from the record as this server has seen it last, and stored if it is still that.

use std::sync::Arc;

use deadpool_postgres::Client;
use sha2::{Digest, Sha256};
use tokio_postgres::Row;
use tokio_postgres::error::SqlState;
use tokio_postgres::types::ToSql;

use super::connection::Values;
use super::error::{corrupt, store_error};
use super::row::{Columns, read_moment, read_record};
use super::{Inner, statements};
use crate::store::integers::{integer, millis};
use crate::store::{Commit, Committed, Loaded, MAX_ALIASES, Record, Rotation, StoreError};
use crate::{StoreKey, UnixMillis};

/// After so many others that came first, the record is held while it is changed.
const ATTEMPTS: u32 = 4;

const MOST_ALIASES: i32 = MAX_ALIASES as i32;

impl Inner {
    /// A commit, with or without a rotation.
    pub(super) async fn change(
        &self,
        key: &StoreKey,
        rotation: Option<Rotation>,
        commit: Commit<'_>,
        now: UnixMillis,
    ) -> Result<Committed, StoreError> {
        let mut refused: Option<Arc<Record>> = None;
        let mut known = self.recent.get(key).filter(|record| record.is_live(now) && commit.is_for(record));
        for _ in 0..ATTEMPTS {
            let before = match known.take() {
                Some(record) => record,
                None => match self.load(key, now).await? {
                    Some(Loaded::Live { record, .. }) => record,
                    Some(Loaded::Alias(_) | Loaded::Retired { .. }) | None => return Ok(Committed::Gone),
                },
            };
            // What the caller has seen may be lost, and another record have its number.
            let is_another = refused.is_some_and(|refused| refused.revision == before.revision);
            if !commit.is_for(&before) || commit.expected.is_some() && is_another {
                return Ok(Committed::Conflict);
            }
            let after = before.after(commit);
            let write = Write::new(key, rotation.as_ref(), &before, &after, &commit, now);
            let answer = self.database.ask(write.statement(), &write.values()).await?;
            match read_answer(answer)? {
                Stored::Done { deadline, seen_at } => {
                    let after = Arc::new(Record { deadline, seen_at, ..after });
                    match &rotation {
                        None => self.recent.update(key, &after),
                        Some(Rotation { to, alias }) => self.recent.put_known(to, &after, alias.is_none()),
                    }
                    return Ok(Committed::Done(after));
                }
                Stored::Taken => return Ok(Committed::Conflict),
                Stored::Other => refused = Some(before),
            }
        }
        self.change_alone(key, rotation, commit, now).await
    }

    /// The same while nobody else can change the record.
    async fn change_alone(
        &self,
        key: &StoreKey,
        rotation: Option<Rotation>,
        commit: Commit<'_>,
        now: UnixMillis,
    ) -> Result<Committed, StoreError> {
        let mut client = None;
        let changed = self.database.within(async {
            let client: &mut Client = client.insert(self.database.client().await?);
            let transaction = client.transaction().await.map_err(store_error)?;
            let values: Values<'_> = &[&&key.as_bytes()[..], &millis(now)];
            let locked = transaction.query_opt(statements::LOCK, values).await.map_err(store_error)?;
            let Some(row) = locked else { return Ok(Committed::Gone) };
            let before = read_record(&row, 0)?;
            if !commit.is_for(&before) {
                return Ok(Committed::Conflict);
            }
            let after = before.after(commit);
            let write = Write::new(key, rotation.as_ref(), &before, &after, &commit, now);
            let answer = transaction.query(write.statement(), &write.values()).await;
            let committed = match read_answer(answer)? {
                Stored::Done { deadline, seen_at } => {
                    Committed::Done(Arc::new(Record { deadline, seen_at, ..after }))
                }
                Stored::Taken => return Ok(Committed::Conflict),
                Stored::Other => return Err(corrupt("a record that is held is not there")),
            };
            transaction.commit().await.map_err(store_error)?;
            Ok(committed)
        });
        let changed = changed.await;
        if changed.is_err() {
            // Its transaction may still be open.
            client.map(Client::take);
        }
        changed
    }
}

/// One statement that stores a changed record in the place of the one that it was made from.
struct Write<'a> {
    key: &'a [u8],
    now: i64,
    expected: i64,
    handle: &'a str,
    /// The digest of the data that it was made from.
    seen: Vec<u8>,
    columns: Columns<'a>,
    new_key: Option<&'a [u8]>,
    new_nonce: Option<&'a [u8]>,
    sets_life: bool,
}

/// How a changed record was received.
enum Stored {
    /// It is stored, with these times.
    Done { deadline: UnixMillis, seen_at: UnixMillis },
    /// The new key is taken.
    Taken,
    /// The session has ended, or another record is there by now.
    Other,
}

impl<'a> Write<'a> {
    fn new(
        key: &'a StoreKey,
        rotation: Option<&'a Rotation>,
        before: &'a Record,
        after: &'a Record,
        commit: &Commit<'_>,
        now: UnixMillis,
    ) -> Self {
        Self {
            key: key.as_bytes(),
            now: millis(now),
            expected: integer(before.revision),
            handle: before.meta.handle.as_str(),
            seen: Sha256::digest(before.data.as_str()).to_vec(),
            columns: Columns::of(after),
            new_key: rotation.map(|rotation| &rotation.to.as_bytes()[..]),
            new_nonce: rotation.and_then(|rotation| rotation.alias.as_ref().map(|nonce| &nonce[..])),
            sets_life: commit.meta.is_some(),
        }
    }

    fn statement(&self) -> &'static str {
        match (self.new_key, self.sets_life) {
            (Some(_), _) => statements::ROTATE,
            (None, true) => statements::COMMIT_META,
            (None, false) => statements::COMMIT,
        }
    }

    fn values(&self) -> Vec<&(dyn ToSql + Sync)> {
        let Columns { data, deadline, seen_at, .. } = &self.columns;
        let mut values: Vec<&(dyn ToSql + Sync)> = vec![&self.key, &self.now, &self.expected, &self.handle];
        if self.new_key.is_some() {
            values.extend([&self.new_key as &(dyn ToSql + Sync), &self.new_nonce, &MOST_ALIASES]);
        }
        values.extend([data as &(dyn ToSql + Sync), deadline, seen_at]);
        if self.new_key.is_some() {
            values.push(&self.sets_life);
        }
        if self.new_key.is_some() || self.sets_life {
            values.extend(self.columns.meta());
        }
        values.push(&self.seen);
        values
    }
}

fn read_answer(answer: Result<Vec<Row>, tokio_postgres::Error>) -> Result<Stored, StoreError> {
    match answer {
        Ok(rows) => match rows.first() {
            None => Ok(Stored::Other),
            Some(row) => Ok(Stored::Done { deadline: read_moment(row, 0)?, seen_at: read_moment(row, 1)? }),
        },
        Err(error) if error.code() == Some(&SqlState::UNIQUE_VIOLATION) => Ok(Stored::Taken),
        Err(error) => Err(store_error(error)),
    }
}
