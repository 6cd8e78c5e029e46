//! A store of one's own: what each operation has to do, in the plainest terms. Two tables under one lock, as a database
//! would have them: sessions by number, and the keys that lead to each.
//!
//! `cargo run -p twinjar-server --example custom_store`, then open <http://127.0.0.1:8081/>. Its test is the suite that
//! every store runs: `cargo test -p twinjar-server --features test-util --example custom_store`.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use axum::{Router, routing::get};
use twinjar_server::store::{
    Alias, Commit, Committed, Loaded, MAX_ALIASES, Record, Rotation, SessionStore, StoreFuture, StoreLock,
    Touch, UserId,
};
use twinjar_server::{Secrets, Session, SessionError, SessionLayer, StoreKey, UnixMillis};

/// Keeps sessions in two maps.
#[derive(Clone, Default)]
struct TwoTables {
    tables: Arc<Mutex<Tables>>,
    turns: Arc<Mutex<HashMap<StoreKey, Weak<tokio::sync::Mutex<()>>>>>,
}

#[derive(Default)]
struct Tables {
    sessions: HashMap<u64, Row>,
    /// The current key of each session and its aliases.
    keys: HashMap<StoreKey, u64>,
    last: u64,
}

struct Row {
    key: StoreKey,
    record: Arc<Record>,
    /// The key is new, and has not been used yet.
    unconfirmed: bool,
    /// The keys it had before, the latest last.
    aliases: Vec<OldKey>,
}

struct OldKey {
    key: StoreKey,
    nonce: [u8; 16],
    retire_at: Option<UnixMillis>,
}

impl Tables {
    /// The live session that a key names or leads to.
    fn led_to(&self, key: &StoreKey, now: UnixMillis) -> Option<(u64, &Row)> {
        let number = *self.keys.get(key)?;
        let row = self.sessions.get(&number).filter(|row| row.record.is_live(now))?;
        Some((number, row))
    }

    /// The live session under this very key: an alias is no place to write.
    fn named(&mut self, key: &StoreKey, now: UnixMillis) -> Option<&mut Row> {
        let number = *self.keys.get(key)?;
        self.sessions.get_mut(&number).filter(|row| row.key == *key && row.record.is_live(now))
    }

    fn remove(&mut self, number: u64) {
        let Some(row) = self.sessions.remove(&number) else { return };
        self.keys.remove(&row.key);
        for alias in row.aliases {
            self.keys.remove(&alias.key);
        }
    }

    /// Makes room under a key whose session has expired.
    fn free(&mut self, key: &StoreKey) {
        if let Some(&number) = self.keys.get(key) {
            self.remove(number);
        }
    }

    fn create(&mut self, key: &StoreKey, record: Arc<Record>, now: UnixMillis) -> bool {
        if self.led_to(key, now).is_some() {
            return false;
        }
        self.free(key);
        self.last += 1;
        self.keys.insert(*key, self.last);
        let row = Row { key: *key, record, unconfirmed: false, aliases: Vec::new() };
        self.sessions.insert(self.last, row);
        true
    }

    fn load(&self, key: &StoreKey, now: UnixMillis) -> Option<Loaded> {
        let (_, row) = self.led_to(key, now)?;
        let (record, successor) = (Arc::clone(&row.record), row.key);
        let Some(place) = row.aliases.iter().position(|alias| alias.key == *key) else {
            return Some(Loaded::Live { record, unconfirmed: row.unconfirmed });
        };
        let alias = &row.aliases[place];
        if alias.retire_at.is_some_and(|retire_at| retire_at <= now) {
            return Some(Loaded::Retired { successor });
        }
        let is_latest = place + 1 == row.aliases.len();
        let nonce = (is_latest && row.unconfirmed).then_some(alias.nonce);
        Some(Loaded::Alias(Alias { successor, record, nonce }))
    }

    fn commit(&mut self, key: &StoreKey, commit: Commit<'_>, now: UnixMillis) -> Committed {
        let Some(row) = self.named(key, now) else { return Committed::Gone };
        if commit.expected.is_some_and(|expected| expected != row.record.revision) {
            return Committed::Conflict;
        }
        row.record = Arc::new(row.record.after(commit));
        Committed::Done(Arc::clone(&row.record))
    }

    fn rotate(
        &mut self,
        key: &StoreKey,
        rotation: Rotation,
        commit: Commit<'_>,
        now: UnixMillis,
    ) -> Committed {
        if self.named(key, now).is_none() {
            return Committed::Gone;
        }
        if self.led_to(&rotation.to, now).is_some() {
            return Committed::Conflict;
        }
        let Committed::Done(record) = self.commit(key, commit, now) else { return Committed::Conflict };
        self.free(&rotation.to);
        let Some((number, _)) = self.led_to(key, now) else { return Committed::Gone };
        let Some(row) = self.sessions.get_mut(&number) else { return Committed::Gone };
        row.key = rotation.to;
        row.unconfirmed = rotation.alias.is_some();
        let mut forgotten = Vec::new();
        match rotation.alias {
            Some(nonce) => {
                row.aliases.push(OldKey { key: *key, nonce, retire_at: None });
                let excess = row.aliases.len().saturating_sub(MAX_ALIASES);
                forgotten.extend(row.aliases.drain(..excess).map(|alias| alias.key));
            }
            None => {
                forgotten.push(*key);
                forgotten.extend(row.aliases.drain(..).map(|alias| alias.key));
            }
        }
        self.keys.insert(rotation.to, number);
        self.keys.retain(|key, _| !forgotten.contains(key));
        Committed::Done(record)
    }

    fn confirm_rotation(&mut self, key: &StoreKey, retire_at: UnixMillis) {
        let Some(row) = self.keys.get(key).and_then(|number| self.sessions.get_mut(number)) else { return };
        let place = row.aliases.iter().position(|alias| alias.key == *key);
        row.unconfirmed &= place.is_some();
        let earlier = place.unwrap_or(row.aliases.len());
        for alias in &mut row.aliases[..earlier] {
            alias.retire_at.get_or_insert(retire_at);
        }
    }

    fn of_user(&self, user: &UserId, now: UnixMillis) -> Vec<(u64, StoreKey, Arc<Record>)> {
        let is_theirs = |row: &&Row| {
            let identity = row.record.meta.identity.as_deref();
            row.record.is_live(now) && identity.is_some_and(|identity| identity.user == *user)
        };
        let rows = self.sessions.iter().map(|(number, row)| (*number, row));
        rows.filter(|(_, row)| is_theirs(row))
            .map(|(number, row)| (number, row.key, Arc::clone(&row.record)))
            .collect()
    }
}

impl TwoTables {
    fn tables(&self) -> MutexGuard<'_, Tables> {
        self.tables.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

// A store that has to wait returns `StoreFuture::new(async move { … })` instead.
impl SessionStore for TwoTables {
    fn create<'a>(
        &'a self,
        key: &'a StoreKey,
        record: Arc<Record>,
        now: UnixMillis,
    ) -> StoreFuture<'a, bool> {
        StoreFuture::ready(Ok(self.tables().create(key, record, now)))
    }

    fn load<'a>(&'a self, key: &'a StoreKey, now: UnixMillis) -> StoreFuture<'a, Option<Loaded>> {
        StoreFuture::ready(Ok(self.tables().load(key, now)))
    }

    fn commit<'a>(
        &'a self,
        key: &'a StoreKey,
        commit: Commit<'a>,
        now: UnixMillis,
    ) -> StoreFuture<'a, Committed> {
        StoreFuture::ready(Ok(self.tables().commit(key, commit, now)))
    }

    fn touch<'a>(&'a self, key: &'a StoreKey, touch: Touch, now: UnixMillis) -> StoreFuture<'a, bool> {
        let mut tables = self.tables();
        let touched = tables.named(key, now).map(|row| Arc::make_mut(&mut row.record).visit(touch));
        StoreFuture::ready(Ok(touched.is_some()))
    }

    fn rotate<'a>(
        &'a self,
        key: &'a StoreKey,
        rotation: Rotation,
        commit: Commit<'a>,
        now: UnixMillis,
    ) -> StoreFuture<'a, Committed> {
        StoreFuture::ready(Ok(self.tables().rotate(key, rotation, commit, now)))
    }

    fn confirm_rotation<'a>(&'a self, key: &'a StoreKey, retire_at: UnixMillis) -> StoreFuture<'a, ()> {
        self.tables().confirm_rotation(key, retire_at);
        StoreFuture::ready(Ok(()))
    }

    fn delete<'a>(&'a self, key: &'a StoreKey, now: UnixMillis) -> StoreFuture<'a, bool> {
        let mut tables = self.tables();
        let found = tables.led_to(key, now).map(|(number, _)| number);
        if let Some(number) = found {
            tables.remove(number);
        }
        StoreFuture::ready(Ok(found.is_some()))
    }

    fn list<'a>(
        &'a self,
        user: &'a UserId,
        now: UnixMillis,
    ) -> StoreFuture<'a, Vec<(StoreKey, Arc<Record>)>> {
        let rows = self.tables().of_user(user, now);
        StoreFuture::ready(Ok(rows.into_iter().map(|(_, key, record)| (key, record)).collect()))
    }

    fn delete_all_of<'a>(
        &'a self,
        user: &'a UserId,
        except: Option<&'a StoreKey>,
        now: UnixMillis,
    ) -> StoreFuture<'a, u64> {
        let mut tables = self.tables();
        let spared = except.and_then(|key| Some(tables.led_to(key, now)?.0));
        let mut rows = tables.of_user(user, now);
        rows.retain(|(number, ..)| Some(*number) != spared);
        for (number, ..) in &rows {
            tables.remove(*number);
        }
        StoreFuture::ready(Ok(rows.len() as u64))
    }

    fn lock<'a>(&'a self, key: &'a StoreKey) -> StoreFuture<'a, StoreLock> {
        let turn = {
            let mut turns = self.turns.lock().unwrap_or_else(PoisonError::into_inner);
            turns.retain(|_, turn| turn.strong_count() > 0);
            let turn = turns.get(key).and_then(Weak::upgrade).unwrap_or_default();
            turns.insert(*key, Arc::downgrade(&turn));
            turn
        };
        StoreFuture::new(async move { Ok(StoreLock::new(turn.lock_owned().await)) })
    }

    fn sweep(&self, now: UnixMillis) -> StoreFuture<'_, u64> {
        let mut tables = self.tables();
        let ended = tables.sessions.iter().filter(|(_, row)| !row.record.is_live(now));
        // A share at a time: requests wait for the lock.
        let ended: Vec<u64> = ended.map(|(number, _)| *number).take(1_000).collect();
        for number in &ended {
            tables.remove(*number);
        }
        StoreFuture::ready(Ok(ended.len() as u64))
    }

    fn answers_at_once(&self) -> bool {
        true
    }

    fn ping(&self) -> StoreFuture<'_, ()> {
        StoreFuture::ready(Ok(()))
    }
}

async fn count(session: Session) -> Result<String, SessionError> {
    let visits = session.update("visits", |n: Option<u64>| n.unwrap_or(0) + 1).await?;
    Ok(format!("visit number {visits}\n"))
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let sessions = SessionLayer::new(TwoTables::default(), &Secrets::random());
    let app = Router::new().route("/", get(count)).layer(sessions);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:8081").await?;
    println!("http://{}/", listener.local_addr()?);
    axum::serve(listener, app).await
}

#[cfg(test)]
mod tests {
    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    async fn keeps_the_contract() {
        twinjar_server::store::conformance::check(|| async { super::TwoTables::default() }).await;
    }
}
