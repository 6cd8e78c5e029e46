//! Sequences of operations, each compared with the model: every order of two requests' steps, and random ones.

use std::time::Duration;

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use super::fixture::{ABSOLUTE, IDLE, Subject, any_key, set};
use super::model::Model;
use crate::StoreKey;
use crate::store::{Commit, Loaded, Meta, Patch, Record, Revision, Rotation, UserId};

/// One operation.
#[derive(Clone, Debug)]
enum Step {
    Create(StoreKey, Record),
    Load(StoreKey),
    Commit { key: StoreKey, patch: Patch, expected: Option<Revision>, meta: Option<Meta> },
    Touch(StoreKey),
    Rotate { key: StoreKey, rotation: Rotation, expected: Option<Revision> },
    Confirm(StoreKey),
    Delete(StoreKey),
    List(UserId),
    DeleteAllOf { user: UserId, except: Option<StoreKey> },
}

/// The store and the model, which have been told the same.
struct Both {
    subject: Subject,
    model: Model,
    history: Vec<Step>,
}

impl Both {
    fn new(subject: Subject) -> Self {
        Self { subject, model: Model::default(), history: Vec::new() }
    }

    /// Does it to both; they have to answer alike.
    async fn take(&mut self, step: Step) {
        let (subject, model, now) = (&self.subject, &mut self.model, self.subject.now);
        let touch = subject.visit(Duration::ZERO);
        self.history.push(step.clone());
        let (answer, expected) = match step {
            Step::Create(key, record) => {
                (text(subject.create(&key, record.clone()).await), text(model.create(&key, record, now)))
            }
            Step::Load(key) => (text(subject.load(&key).await), text(model.load(&key, now))),
            Step::Commit { key, patch, expected, meta } => {
                let commit = Commit { patch: &patch, expected, touch, meta: meta.as_ref() };
                (text(subject.commit(&key, commit).await), text(model.commit(&key, commit, now)))
            }
            Step::Touch(key) => (text(subject.touch(&key, touch).await), text(model.touch(&key, touch, now))),
            Step::Rotate { key, rotation, expected } => {
                let patch = set("rotated", "true");
                let commit = Commit { patch: &patch, expected, touch, meta: None };
                (
                    text(subject.rotate_with(&key, rotation, commit).await),
                    text(model.rotate(&key, rotation, commit, now)),
                )
            }
            Step::Confirm(key) => {
                let retire_at = now + Duration::from_secs(60);
                subject.confirm(&key, retire_at).await;
                model.confirm_rotation(&key, retire_at);
                return;
            }
            Step::Delete(key) => (text(subject.delete(&key).await), text(model.delete(&key, now))),
            Step::List(user) => (text(subject.list(&user).await), text(model.list(&user, now))),
            Step::DeleteAllOf { user, except } => {
                let deleted = subject.store.delete_all_of(&user, except.as_ref(), now).await;
                let expected = model.delete_all_of(&user, except.as_ref(), now);
                (text(deleted.expect("delete_all_of")), text(expected))
            }
        };
        assert_eq!(answer, expected, "after {:#?}", self.history);
    }
}

fn text(answer: impl std::fmt::Debug) -> String {
    format!("{answer:?}")
}

/// What a request does, with what it knows by then.
#[derive(Clone, Copy, Debug)]
enum Act {
    Load,
    Commit,
    CommitAtRevision,
    Touch,
    Rotate,
    RotateWithoutAlias,
    Confirm,
    Delete,
    LogOutEverywhere,
}

const REQUESTS: &[&[Act]] = &[
    &[Act::Load, Act::Commit],
    &[Act::Load, Act::CommitAtRevision],
    &[Act::Load, Act::Touch],
    &[Act::Load, Act::Delete],
    &[Act::Load, Act::Rotate, Act::Confirm],
    &[Act::Load, Act::RotateWithoutAlias, Act::Commit],
    &[Act::Load, Act::LogOutEverywhere],
];

pub(super) async fn every_order_of_two_requests_is_right(subject: Subject) {
    for first in REQUESTS {
        for second in REQUESTS {
            for order in orders(first.len(), second.len()) {
                let user = UserId::new("alice");
                let mut both = Both::new(subject.clone());
                let key = any_key();
                both.take(Step::Create(key, subject.record_of(&user))).await;
                let (mut one, mut other) = (Request::new(key, first), Request::new(key, second));
                for is_first in order {
                    let request = if is_first { &mut one } else { &mut other };
                    request.act(&mut both).await;
                    both.take(Step::Load(key)).await;
                    both.take(Step::List(user.clone())).await;
                }
                both.take(Step::DeleteAllOf { user, except: None }).await;
            }
        }
    }
}

/// A request on its way, and what it has seen of the session.
struct Request {
    key: StoreKey,
    revision: Revision,
    acts: std::slice::Iter<'static, Act>,
}

impl Request {
    fn new(key: StoreKey, acts: &'static [Act]) -> Self {
        Self { key, revision: 0, acts: acts.iter() }
    }

    async fn act(&mut self, both: &mut Both) {
        let key = self.key;
        let step = match self.acts.next().expect("as many turns as acts") {
            Act::Load => {
                if let Some(Loaded::Live { record, .. }) = both.subject.load(&key).await {
                    self.revision = record.revision;
                }
                Step::Load(key)
            }
            Act::Commit => Step::Commit { key, patch: set("n", "1"), expected: None, meta: None },
            Act::CommitAtRevision => {
                Step::Commit { key, patch: set("m", "2"), expected: Some(self.revision), meta: None }
            }
            Act::Touch => Step::Touch(key),
            act @ (Act::Rotate | Act::RotateWithoutAlias) => {
                self.key = both.subject.key_beside(&key);
                let alias = matches!(act, Act::Rotate).then_some([7; 16]);
                Step::Rotate { key, rotation: Rotation { to: self.key, alias }, expected: None }
            }
            Act::Confirm => Step::Confirm(key),
            Act::Delete => Step::Delete(key),
            Act::LogOutEverywhere => Step::DeleteAllOf { user: UserId::new("alice"), except: None },
        };
        both.take(step).await;
    }
}

/// Every way to merge two sequences of these lengths; `true` takes from the first.
fn orders(first: usize, second: usize) -> Vec<Vec<bool>> {
    let total = first + second;
    let turns = (0_u32..1 << total).filter(|bits| bits.count_ones() as usize == first);
    turns.map(|bits| (0..total).map(|turn| bits >> turn & 1 == 1).collect()).collect()
}

pub(super) async fn random_steps_end_as_the_model_says(subject: Subject) {
    const SEEDS: u64 = 60;
    const STEPS: usize = 60;
    for seed in 0..SEEDS {
        let mut random = StdRng::seed_from_u64(seed);
        let first = any_key();
        let keys: [StoreKey; 8] = std::array::from_fn(|_| subject.key_beside(&first));
        // Of this seed alone: the store still holds the sessions of the others.
        let users = ["alice", "bob"].map(|name| UserId::new(format!("{name} {:?}", keys[0])));
        let mut both = Both::new(subject.clone());
        for _ in 0..STEPS {
            if random.random_ratio(1, 10) {
                both.subject.now = both.subject.now + IDLE / random.random_range(1..20);
            }
            let step = any_step(&mut random, &both, &keys, &users);
            both.take(step).await;
            both.take(Step::Load(keys[random.random_range(0..keys.len())])).await;
        }
        for key in keys {
            both.take(Step::Load(key)).await;
        }
        for user in users {
            both.take(Step::List(user)).await;
        }
    }
}

fn any_step(random: &mut StdRng, both: &Both, keys: &[StoreKey; 8], users: &[UserId; 2]) -> Step {
    let subject = &both.subject;
    let key = keys[random.random_range(0..keys.len())];
    let user = users[random.random_range(0..users.len())].clone();
    // Most of the time what the revision is, by the model; else a wrong one, or any.
    let expected = match both.model.load(&key, subject.now) {
        Some(Loaded::Live { record, .. }) if random.random_bool(0.5) => Some(record.revision),
        _ => random.random_bool(0.2).then_some(1),
    };
    match random.random_range(0..16) {
        0..4 if !both.model.is_left_over(&key, subject.now) => {
            let mut record = subject.record_of(&user);
            if random.random() {
                record.meta.identity = None;
            }
            Step::Create(key, record)
        }
        4..7 => {
            let mut patch = Patch::default();
            if random.random_ratio(1, 8) {
                patch.clear();
            }
            for name in ["a", "b", "c"] {
                if random.random() {
                    let value = serde_json::value::to_raw_value(&random.random_range(0..10));
                    patch.set(name, value.expect("a number"));
                } else if random.random() {
                    patch.remove(name);
                }
            }
            Step::Commit { key, patch, expected, meta: None }
        }
        7 => {
            let mut meta = subject.record_of(&user).meta;
            meta.idle_timeout = IDLE / random.random_range(1..4);
            meta.absolute_deadline = subject.now + ABSOLUTE / random.random_range(1..20);
            meta.persistent = random.random();
            if random.random_ratio(1, 4) {
                meta.identity = None;
            }
            Step::Commit { key, patch: Patch::default(), expected, meta: Some(meta) }
        }
        8 => Step::Touch(key),
        9..12 => {
            let to = keys[random.random_range(0..keys.len())];
            let to = if both.model.is_left_over(&to, subject.now) { subject.key_beside(&key) } else { to };
            let alias = random.random_ratio(3, 4).then(|| random.random());
            Step::Rotate { key, rotation: Rotation { to, alias }, expected }
        }
        12 => Step::Confirm(key),
        13 => Step::Delete(key),
        14 => Step::DeleteAllOf { user, except: random.random::<bool>().then_some(key) },
        _ => Step::List(user),
    }
}
