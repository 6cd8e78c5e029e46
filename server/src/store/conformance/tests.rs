//! Stores with one fault each, and the case that has to find it.

use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;

use super::failures;
use crate::store::{
    Alias, Commit, Committed, Loaded, MemoryStore, Record, Rotation, SessionData, SessionStore, StoreFuture,
    StoreLock, Touch, UserId,
};
use crate::{Handle, StoreKey, UnixMillis};

/// Faults that stores out in the world have, or that a store of one's own is likely to begin with.
#[derive(Clone, Copy, PartialEq)]
enum Fault {
    CreateReplaces,
    CommitBringsBack,
    CommitIgnoresTheRevision,
    CommitReplacesTheData,
    ReadThenWrite,
    DeadlinesAreIgnored,
    TouchMovesBack,
    RotationReplaces,
    RotationLeavesTheOldRecord,
    AliasesAreForgotten,
    ConfirmationIsForgotten,
    DeletionIgnoresAliases,
    ListShowsEnded,
    UsersAreComparedWithoutCase,
    NobodyIsSpared,
    LocksAreNotExclusive,
    SweepTakesAll,
    SweepTellsTwice,
    NumbersAreRewritten,
    PeekIgnoresDeadlines,
    PeekIgnoresRotations,
}

const FOUND_BY: &[(Fault, &str)] = &[
    (Fault::CreateReplaces, "records::create_inserts_only"),
    (Fault::CommitBringsBack, "records::what_is_destroyed_stays_away"),
    (Fault::CommitIgnoresTheRevision, "records::an_expected_revision_is_held_to"),
    (Fault::CommitReplacesTheData, "records::commits_merge_key_by_key"),
    (Fault::ReadThenWrite, "races::patches_of_different_keys_all_survive"),
    (Fault::ReadThenWrite, "races::deletion_wins_against_commits"),
    (Fault::DeadlinesAreIgnored, "records::a_record_ends_at_its_deadline"),
    (Fault::TouchMovesBack, "records::visits_move_forward_only"),
    (Fault::RotationReplaces, "rotations::a_taken_key_is_a_conflict"),
    (Fault::RotationLeavesTheOldRecord, "rotations::without_an_alias_the_old_key_is_dead"),
    (Fault::AliasesAreForgotten, "rotations::the_old_key_leads_to_the_session"),
    (Fault::ConfirmationIsForgotten, "rotations::confirmation_retires_the_old_key"),
    (Fault::DeletionIgnoresAliases, "rotations::deletion_follows_aliases"),
    (Fault::DeletionIgnoresAliases, "steps::random_steps_end_as_the_model_says"),
    (Fault::ListShowsEnded, "users::ended_sessions_are_not_listed"),
    (Fault::UsersAreComparedWithoutCase, "users::names_are_told_apart_byte_by_byte"),
    (Fault::NobodyIsSpared, "users::the_excepted_session_is_spared"),
    (Fault::LocksAreNotExclusive, "locks::one_holder_at_a_time"),
    (Fault::SweepTakesAll, "sweeps::what_is_due_goes_and_nothing_else"),
    (Fault::SweepTellsTwice, "sweeps::each_ended_session_is_told_once"),
    (Fault::NumbersAreRewritten, "data::text_is_kept_as_it_is"),
    (Fault::PeekIgnoresDeadlines, "rotations::a_peek_sees_what_a_load_sees"),
    (Fault::PeekIgnoresRotations, "rotations::a_peek_sees_what_a_load_sees"),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn every_fault_is_found() {
    let mut missed = Vec::new();
    for &(fault, case) in FOUND_BY {
        let make = || async move { Faulty { store: MemoryStore::new(), fault } };
        if failures(make, |name| name == case).await.is_empty() {
            missed.push(case);
        }
    }
    assert!(missed.is_empty(), "cases that let a faulty store pass: {missed:?}");
}

struct Faulty {
    store: MemoryStore,
    fault: Fault,
}

impl Faulty {
    fn has(&self, fault: Fault) -> bool {
        self.fault == fault
    }

    /// Under this fault, a time before all deadlines.
    fn time(&self, fault: Fault, now: UnixMillis) -> UnixMillis {
        if self.has(fault) { UnixMillis::new(0) } else { now }
    }

    async fn live(&self, key: &StoreKey, now: UnixMillis) -> Option<Record> {
        match self.store.load(key, now).await {
            Ok(Some(Loaded::Live { record, .. })) => Some(Record::clone(&record)),
            _ => None,
        }
    }

    /// Removes whatever is there, and stores this.
    async fn put(&self, key: &StoreKey, record: Arc<Record>, now: UnixMillis) {
        let _ = self.store.delete(key, now).await;
        let _ = self.store.create(key, record, now).await;
    }
}

impl SessionStore for Faulty {
    fn create<'a>(
        &'a self,
        key: &'a StoreKey,
        mut record: Arc<Record>,
        now: UnixMillis,
    ) -> StoreFuture<'a, bool> {
        StoreFuture::new(async move {
            if self.has(Fault::CreateReplaces) {
                self.put(key, record, now).await;
                return Ok(true);
            }
            if self.has(Fault::NumbersAreRewritten) {
                let value: serde_json::Value = serde_json::from_str(record.data.as_str()).unwrap_or_default();
                Arc::make_mut(&mut record).data = SessionData::parse(value.to_string()).unwrap_or_default();
            }
            self.store.create(key, record, now).await
        })
    }

    fn load<'a>(&'a self, key: &'a StoreKey, now: UnixMillis) -> StoreFuture<'a, Option<Loaded>> {
        StoreFuture::new(async move {
            let loaded = self.store.load(key, self.time(Fault::DeadlinesAreIgnored, now)).await?;
            let forgotten = self.has(Fault::AliasesAreForgotten);
            Ok(loaded.filter(|loaded| !forgotten || !matches!(loaded, Loaded::Alias(Alias { .. }))))
        })
    }

    fn peek(&self, key: &StoreKey, now: UnixMillis) -> Option<Arc<Record>> {
        let now = self.time(Fault::PeekIgnoresDeadlines, now);
        if !self.has(Fault::PeekIgnoresRotations) {
            return self.store.peek(key, now);
        }
        match self.store.load(key, now).now_or_never()?.ok()?? {
            Loaded::Live { record, .. } => Some(record),
            Loaded::Alias(_) | Loaded::Retired { .. } => None,
        }
    }

    fn commit<'a>(
        &'a self,
        key: &'a StoreKey,
        mut commit: Commit<'a>,
        now: UnixMillis,
    ) -> StoreFuture<'a, Committed> {
        StoreFuture::new(async move {
            let before = self.live(key, now).await;
            match (self.fault, before) {
                (Fault::CommitIgnoresTheRevision, _) => commit.expected = None,
                (Fault::CommitReplacesTheData, Some(mut before)) => {
                    before.data = SessionData::default();
                    self.put(key, before.into(), now).await;
                }
                (Fault::ReadThenWrite, Some(before)) => {
                    let after = before.after(commit);
                    tokio::time::sleep(Duration::from_millis(1)).await;
                    self.put(key, after.clone().into(), now).await;
                    return Ok(Committed::Done(Arc::new(after)));
                }
                (Fault::CommitBringsBack, None) if commit.meta.is_some() => {
                    let meta = commit.meta.cloned().expect("checked");
                    let touch = commit.touch;
                    let (deadline, seen_at) = (touch.deadline, touch.seen_at);
                    let data = commit.patch.apply(&SessionData::default());
                    self.put(key, Record { data, revision: 1, deadline, seen_at, meta }.into(), now).await;
                }
                _ => {}
            }
            self.store.commit(key, commit, now).await
        })
    }

    fn touch<'a>(&'a self, key: &'a StoreKey, touch: Touch, now: UnixMillis) -> StoreFuture<'a, bool> {
        StoreFuture::new(async move {
            if let (Fault::TouchMovesBack, Some(mut record)) = (self.fault, self.live(key, now).await) {
                (record.deadline, record.seen_at) = (touch.deadline, touch.seen_at);
                self.put(key, record.into(), now).await;
                return Ok(true);
            }
            self.store.touch(key, touch, now).await
        })
    }

    fn rotate<'a>(
        &'a self,
        key: &'a StoreKey,
        rotation: Rotation,
        commit: Commit<'a>,
        now: UnixMillis,
    ) -> StoreFuture<'a, Committed> {
        StoreFuture::new(async move {
            let before = self.live(key, now).await;
            if self.has(Fault::RotationReplaces) && before.is_some() {
                let _ = self.store.delete(&rotation.to, now).await;
            }
            let outcome = self.store.rotate(key, rotation, commit, now).await;
            if let (Fault::RotationLeavesTheOldRecord, Some(before)) = (self.fault, before) {
                let _ = self.store.create(key, before.into(), now).await;
            }
            outcome
        })
    }

    fn confirm_rotation<'a>(&'a self, key: &'a StoreKey, retire_at: UnixMillis) -> StoreFuture<'a, ()> {
        if self.has(Fault::ConfirmationIsForgotten) {
            return StoreFuture::ready(Ok(()));
        }
        self.store.confirm_rotation(key, retire_at)
    }

    fn delete<'a>(&'a self, key: &'a StoreKey, now: UnixMillis) -> StoreFuture<'a, bool> {
        StoreFuture::new(async move {
            if self.has(Fault::DeletionIgnoresAliases) && self.live(key, now).await.is_none() {
                return Ok(false);
            }
            self.store.delete(key, now).await
        })
    }

    fn list<'a>(
        &'a self,
        user: &'a UserId,
        now: UnixMillis,
    ) -> StoreFuture<'a, Vec<(StoreKey, Arc<Record>)>> {
        StoreFuture::new(async move {
            let mut list = self.store.list(user, self.time(Fault::ListShowsEnded, now)).await?;
            if self.has(Fault::UsersAreComparedWithoutCase) {
                let upper = UserId::new(user.as_str().to_uppercase());
                list.extend(self.store.list(&upper, now).await?);
            }
            Ok(list)
        })
    }

    fn delete_all_of<'a>(
        &'a self,
        user: &'a UserId,
        except: Option<&'a StoreKey>,
        now: UnixMillis,
    ) -> StoreFuture<'a, u64> {
        self.store.delete_all_of(user, except.filter(|_| !self.has(Fault::NobodyIsSpared)), now)
    }

    fn lock<'a>(&'a self, key: &'a StoreKey) -> StoreFuture<'a, StoreLock> {
        if self.has(Fault::LocksAreNotExclusive) {
            return StoreFuture::ready(Ok(StoreLock::new(())));
        }
        self.store.lock(key)
    }

    fn sweep(&self, now: UnixMillis) -> StoreFuture<'_, u64> {
        self.store.sweep(if self.has(Fault::SweepTakesAll) { UnixMillis::MAX } else { now })
    }

    fn sweep_and_tell<'a>(
        &'a self,
        now: UnixMillis,
        ended: &'a (dyn Fn(Handle) + Send + Sync),
    ) -> StoreFuture<'a, u64> {
        StoreFuture::new(async move {
            let times = if self.has(Fault::SweepTellsTwice) { 2 } else { 1 };
            self.store.sweep_and_tell(now, &|handle| (0..times).for_each(|_| ended(handle))).await
        })
    }

    fn ping(&self) -> StoreFuture<'_, ()> {
        self.store.ping()
    }
}
