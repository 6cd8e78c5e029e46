//! Expired records are removed in shares.

use std::sync::Mutex;
use std::time::Duration;

use super::fixture::{IDLE, Subject, done, set};
use crate::store::UserId;
use crate::{Handle, StoreKey};

/// Enough for every store: a call removes a share.
const CALLS: usize = 2_000;

pub(super) async fn what_is_due_goes_and_nothing_else(subject: Subject) {
    let user = UserId::new("alice");
    let (mut due, mut live) = (Vec::new(), Vec::new());
    for index in 0..100 {
        let key = subject.stored(subject.record_of(&user)).await;
        if index % 2 == 0 {
            due.push(key);
        } else {
            // Visited a moment before the others end.
            assert!(subject.touch(&key, subject.visit(Duration::from_secs(1))).await);
            live.push(key);
        }
    }
    assert_eq!(sweep(&subject).await, 0, "nothing is due yet");
    let later = Subject { now: subject.now + IDLE, ..subject };
    let swept = sweep(&later).await;
    // A store that removes records by a clock of its own may leave nothing to sweep.
    assert!(swept == due.len() as u64 || swept == 0, "{swept} of {} records were swept", due.len());
    live.sort();
    assert_eq!(later.keys_of(&user).await, live);
    for key in &live {
        done(later.patch(key, &set("n", "1")).await);
    }
    for key in &due {
        assert_eq!(later.load(key).await, None);
        assert!(later.create(key, later.record("{}")).await, "a swept record is in the way");
    }
}

pub(super) async fn aliases_go_with_their_session(subject: Subject) {
    let mut chains = Vec::new();
    for confirmed in [false, true] {
        let first = subject.session("{}").await;
        let second = subject.rotated(&first).await;
        let third = subject.rotated(&second).await;
        if confirmed {
            subject.confirm(&third, subject.now).await;
        }
        chains.push([first, second, third]);
    }
    let later = Subject { now: subject.now + IDLE, ..subject };
    let swept = sweep(&later).await;
    assert!(swept == chains.len() as u64 || swept == 0, "an alias is no session, but {swept} were swept");
    for key in chains.as_flattened() {
        assert_eq!(later.load(key).await, None);
    }
}

pub(super) async fn an_empty_store_can_be_swept(subject: Subject) {
    assert_eq!(sweep(&subject).await, 0);
    assert_eq!(subject.load(&StoreKey::from_bytes([0; 32])).await, None);
}

pub(super) async fn each_ended_session_is_told_once(subject: Subject) {
    let mut due = Vec::new();
    for _ in 0..20 {
        let record = subject.record("{}");
        due.push(record.meta.handle);
        subject.stored(record).await;
    }
    let told = Mutex::new(Vec::new());
    let later = subject.now + IDLE;
    for now in std::iter::once(subject.now).chain(std::iter::repeat_n(later, CALLS)) {
        let tell = |handle| told.lock().expect("no panic").push(handle);
        subject.store.sweep_and_tell(now, &tell).await.expect("sweep");
    }
    let mut told = told.into_inner().expect("no panic");
    let by_text = |handle: &Handle| handle.to_string();
    told.sort_by_key(by_text);
    due.sort_by_key(by_text);
    // A store whose records go by themselves says nothing.
    assert!(told == due || told.is_empty(), "{} of {} sessions were told", told.len(), due.len());
}

async fn sweep(subject: &Subject) -> u64 {
    let mut swept = 0;
    for _ in 0..CALLS {
        swept += subject.store.sweep(subject.now).await.expect("sweep");
    }
    swept
}
