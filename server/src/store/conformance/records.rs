//! Create, load, commit, touch, delete, and deadlines: one caller at a time.

use std::sync::Arc;
use std::time::Duration;

use super::fixture::{ABSOLUTE, IDLE, Subject, any_key, done, remove, set};
use crate::store::{Commit, Committed, Identity, Loaded, Patch, Touch, UserId};
use crate::{Handle, UnixMillis};

const SECOND: Duration = Duration::from_secs(1);
/// Longer than a case takes: a store may also go by its own clock.
const MINUTE: Duration = Duration::from_secs(60);
const MILLISECOND: Duration = Duration::from_millis(1);

pub(super) async fn create_inserts_only(subject: Subject) {
    let key = subject.session(r#"{"first":1}"#).await;
    let before = subject.live(&key).await;
    assert!(!subject.create(&key, subject.record(r#"{"second":2}"#)).await, "a record was replaced");
    assert_eq!(subject.live(&key).await, before, "the record has changed");
}

pub(super) async fn what_is_created_is_loaded(subject: Subject) {
    let mut record = subject.record(r#"{"n":1,"cart":{"items":[]}}"#);
    record.meta.persistent = true;
    let identity = Identity { user: UserId::new("alice"), authenticated_at: subject.now };
    record.meta.identity = Some(Arc::new(identity));
    let key = subject.stored(record.clone()).await;
    let loaded = subject.load(&key).await;
    assert_eq!(loaded, Some(Loaded::Live { record: Arc::new(record), unconfirmed: false }));
}

pub(super) async fn nothing_is_under_an_unused_key(subject: Subject) {
    let (key, patch) = (any_key(), set("n", "1"));
    assert_eq!(subject.load(&key).await, None);
    assert_eq!(subject.patch(&key, &patch).await, Committed::Gone);
    assert_eq!(subject.patch_at(&key, &patch, 1).await, Committed::Gone, "gone comes before a conflict");
    assert_eq!(subject.rotate(&key, subject.leaving_an_alias(&key)).await, Committed::Gone);
    assert!(!subject.touch(&key, subject.visit(SECOND)).await, "touched");
    assert!(!subject.delete(&key).await, "deleted");
    assert_eq!(subject.load(&key).await, None, "one of these has made a record");
}

pub(super) async fn commits_merge_key_by_key(subject: Subject) {
    let key = subject.session(r#"{"a":1,"b":2}"#).await;
    let first = done(subject.patch(&key, &set("b", "20")).await);
    assert_eq!((first.data.as_str(), first.revision), (r#"{"a":1,"b":20}"#, 2));
    // This request knows nothing of the first.
    let second = done(subject.patch(&key, &set("c", "3")).await);
    assert_eq!((second.data.as_str(), second.revision), (r#"{"a":1,"b":20,"c":3}"#, 3));
    assert_eq!(subject.live(&key).await, second, "what is answered is not what is stored");
}

pub(super) async fn commits_remove_and_clear(subject: Subject) {
    let key = subject.session(r#"{"a":1,"b":2,"c":3}"#).await;
    let removed = done(subject.patch(&key, &remove("b")).await);
    assert_eq!(removed.data.as_str(), r#"{"a":1,"c":3}"#);
    let mut patch = Patch::default();
    patch.clear();
    assert_eq!(done(subject.patch(&key, &patch).await).data.as_str(), "{}");
    assert_eq!(subject.live(&key).await.revision, 3);
}

pub(super) async fn an_expected_revision_is_held_to(subject: Subject) {
    let key = subject.session(r#"{"n":1}"#).await;
    let second = done(subject.patch_at(&key, &set("n", "2"), 1).await);
    assert_eq!(second.revision, 2);
    for wrong in [0, 1, 3] {
        let mut meta = second.meta.clone();
        meta.persistent = true;
        let patch = set("n", "9");
        let touch = subject.visit(SECOND);
        let commit = Commit { patch: &patch, expected: Some(wrong), touch, meta: Some(&meta) };
        assert_eq!(subject.commit(&key, commit).await, Committed::Conflict, "revision {wrong}");
        assert_eq!(subject.live(&key).await, second, "a commit in conflict has changed something");
    }
}

pub(super) async fn new_meta_replaces_the_old(subject: Subject) {
    let key = subject.session(r#"{"n":1}"#).await;
    let mut meta = subject.live(&key).await.meta.clone();
    meta.persistent = true;
    meta.idle_timeout = IDLE * 2;
    meta.absolute_deadline = subject.now + ABSOLUTE * 2;
    let identity = Identity { user: UserId::new("bob"), authenticated_at: subject.now + SECOND };
    meta.identity = Some(Arc::new(identity));
    let handle = std::mem::replace(&mut meta.handle, Handle::generate());
    let after = done(subject.change_meta(&key, &meta).await);
    meta.handle = handle;
    assert_eq!((&after.meta, after.data.as_str(), after.revision), (&meta, r#"{"n":1}"#, 2));
    assert_eq!(subject.live(&key).await, after);
    // And back: nobody is logged in any more.
    meta.identity = None;
    done(subject.change_meta(&key, &meta).await);
    assert_eq!(subject.live(&key).await.meta, meta);
}

pub(super) async fn commits_move_nothing_back(subject: Subject) {
    let key = subject.session("{}").await;
    let patch = set("a", "1");
    let late = Commit { touch: subject.visit(SECOND * 60), ..subject.change(&patch) };
    let later = done(subject.commit(&key, late).await);
    assert_eq!(later.deadline, subject.now + SECOND * 60 + IDLE);
    assert_eq!(later.seen_at, subject.now + SECOND * 60);
    // A request that began before it, and ends after it.
    let patch = set("b", "2");
    let early = Commit { touch: subject.visit(SECOND), ..subject.change(&patch) };
    let after = done(subject.commit(&key, early).await);
    assert_eq!((after.deadline, after.seen_at), (later.deadline, later.seen_at), "moved back");
    assert_eq!(after.data.as_str(), r#"{"a":1,"b":2}"#);
}

pub(super) async fn a_shortened_life_stays_short(subject: Subject) {
    let key = subject.session("{}").await;
    let mut meta = subject.live(&key).await.meta.clone();
    meta.idle_timeout = MINUTE;
    let patch = Patch::default();
    let touch = Touch { deadline: subject.now + MINUTE, seen_at: subject.now };
    let shorten = Commit { patch: &patch, expected: None, touch, meta: Some(&meta) };
    assert_eq!(done(subject.commit(&key, shorten).await).deadline, subject.now + MINUTE);
    // Requests that have read the session before.
    assert_eq!(done(subject.patch(&key, &set("n", "1")).await).deadline, subject.now + MINUTE);
    assert!(subject.touch(&key, subject.visit(MILLISECOND)).await);
    assert_eq!(subject.live(&key).await.deadline, subject.now + MINUTE + MILLISECOND);
}

pub(super) async fn a_record_ends_at_its_deadline(subject: Subject) {
    let user = UserId::new("alice");
    let mut record = subject.record_of(&user);
    record.deadline = subject.now + MINUTE;
    let key = subject.stored(record).await;
    let before_the_end = Subject { now: subject.now + (MINUTE - MILLISECOND), ..subject.clone() };
    before_the_end.live(&key).await;
    assert_eq!(before_the_end.keys_of(&user).await, [key]);

    for late in [MINUTE, MINUTE + MILLISECOND, ABSOLUTE * 1000] {
        let ended = Subject { now: subject.now + late, ..subject.clone() };
        assert_eq!(ended.load(&key).await, None, "{late:?}");
        assert_eq!(ended.patch(&key, &set("n", "1")).await, Committed::Gone, "{late:?}");
        assert_eq!(ended.rotate(&key, subject.leaving_an_alias(&key)).await, Committed::Gone, "{late:?}");
        assert!(!ended.touch(&key, ended.visit(SECOND)).await, "touched after {late:?}");
        assert_eq!(ended.keys_of(&user).await, [], "{late:?}");
        assert_eq!(ended.load(&key).await, None, "brought back after {late:?}");
    }
    let ended = Subject { now: subject.now + MINUTE, ..subject.clone() };
    assert!(!ended.delete(&key).await, "deleted what had ended");
}

pub(super) async fn an_ended_record_makes_room(subject: Subject) {
    let mut record = subject.record_of(&UserId::new("alice"));
    record.deadline = subject.now + MINUTE;
    let key = subject.stored(record).await;
    let later = Subject { now: subject.now + MINUTE, ..subject };
    assert!(later.create(&key, later.record(r#"{"new":true}"#)).await);
    assert_eq!(later.live(&key).await.data.as_str(), r#"{"new":true}"#);
    assert_eq!(later.keys_of(&UserId::new("alice")).await, []);
}

pub(super) async fn visits_move_forward_only(subject: Subject) {
    let key = subject.session("{}").await;
    assert!(subject.touch(&key, subject.visit(SECOND * 60)).await);
    let later = subject.live(&key).await;
    assert_eq!(
        (later.deadline, later.seen_at),
        (subject.now + SECOND * 60 + IDLE, subject.now + SECOND * 60)
    );
    assert!(subject.touch(&key, subject.visit(SECOND)).await, "the record is there");
    assert_eq!(subject.live(&key).await, later, "moved back");
    let endless = Touch { deadline: UnixMillis::MAX, seen_at: subject.now + SECOND * 120 };
    assert!(subject.touch(&key, endless).await);
    assert_eq!(
        subject.live(&key).await.deadline,
        subject.now + SECOND * 120 + IDLE,
        "longer than its meta allows"
    );
}

pub(super) async fn visits_leave_the_data_alone(subject: Subject) {
    let key = subject.session(r#"{"n":1}"#).await;
    assert!(subject.touch(&key, subject.visit(SECOND)).await);
    let after = subject.live(&key).await;
    assert_eq!((after.data.as_str(), after.revision), (r#"{"n":1}"#, 1));
}

pub(super) async fn what_is_destroyed_stays_away(subject: Subject) {
    let user = UserId::new("alice");
    let key = subject.stored(subject.record_of(&user)).await;
    let meta = subject.live(&key).await.meta.clone();
    assert!(subject.delete(&key).await);
    assert!(!subject.delete(&key).await, "deleted twice");
    assert_eq!(subject.patch(&key, &set("n", "1")).await, Committed::Gone);
    assert_eq!(subject.patch_at(&key, &set("n", "1"), 1).await, Committed::Gone);
    assert_eq!(subject.change_meta(&key, &meta).await, Committed::Gone);
    assert_eq!(subject.rotate(&key, subject.leaving_an_alias(&key)).await, Committed::Gone);
    assert!(!subject.touch(&key, subject.visit(SECOND)).await, "touched");
    subject.confirm(&key, subject.now).await;
    assert_eq!(subject.load(&key).await, None, "brought back");
    assert_eq!(subject.keys_of(&user).await, []);
}
