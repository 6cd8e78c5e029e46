//! New keys, and what becomes of the old ones.

use std::sync::Arc;
use std::time::Duration;

use super::fixture::{IDLE, Subject, any_key, done, set};
use crate::StoreKey;
use crate::store::{Commit, Committed, Loaded, Rotation};

const GRACE: Duration = Duration::from_secs(10);
const MILLISECOND: Duration = Duration::from_millis(1);

pub(super) async fn a_rotation_moves_the_record(subject: Subject) {
    let key = subject.session(r#"{"n":1}"#).await;
    let before = subject.live(&key).await;
    let mut meta = before.meta.clone();
    meta.persistent = true;
    let (rotation, patch) = (subject.leaving_an_alias(&key), set("m", "2"));
    let commit = Commit { meta: Some(&meta), expected: Some(1), ..subject.change(&patch) };
    let moved = done(subject.rotate_with(&key, rotation, commit).await);
    assert_eq!((moved.data.as_str(), moved.revision), (r#"{"n":1,"m":2}"#, 2));
    assert_eq!(moved.meta, meta);
    let loaded = subject.load(&rotation.to).await;
    assert_eq!(loaded, Some(Loaded::Live { record: moved, unconfirmed: true }));
}

pub(super) async fn the_old_key_leads_to_the_session(subject: Subject) {
    let key = subject.session(r#"{"n":1}"#).await;
    let rotation = subject.leaving_an_alias(&key);
    done(subject.rotate(&key, rotation).await);
    // For as long as it takes: the answer may have been lost.
    for later in [Duration::ZERO, IDLE - MILLISECOND] {
        let alias = subject.alias(&key, subject.now + later).await;
        assert_eq!((alias.successor, alias.nonce), (rotation.to, rotation.alias), "{later:?}");
        assert_eq!(alias.record, subject.live(&rotation.to).await);
    }
    let written = done(subject.patch(&rotation.to, &set("n", "2")).await);
    assert_eq!(subject.alias(&key, subject.now).await.record, written, "the alias keeps an old record");
}

pub(super) async fn an_alias_is_no_record(subject: Subject) {
    let key = subject.session(r#"{"n":1}"#).await;
    let moved = subject.rotated(&key).await;
    let record = subject.live(&moved).await;
    assert!(!subject.create(&key, subject.record("{}")).await, "an alias was replaced");
    assert_eq!(subject.patch(&key, &set("n", "2")).await, Committed::Gone);
    assert_eq!(subject.rotate(&key, subject.leaving_an_alias(&key)).await, Committed::Gone);
    assert!(!subject.touch(&key, subject.visit(MILLISECOND)).await, "touched");
    assert_eq!(subject.live(&moved).await, record, "one of these has changed the session");
    assert_eq!(subject.alias(&key, subject.now).await.successor, moved);
}

pub(super) async fn confirmation_retires_the_old_key(subject: Subject) {
    let key = subject.session("{}").await;
    let moved = subject.rotated(&key).await;
    let retire_at = subject.now + GRACE;
    subject.confirm(&moved, retire_at).await;
    let record = subject.live(&moved).await;
    let live = Loaded::Live { record, unconfirmed: false };
    assert_eq!(subject.load(&moved).await, Some(live), "still unconfirmed");
    let alias = subject.alias(&key, subject.now + (GRACE - MILLISECOND)).await;
    assert_eq!((alias.successor, alias.nonce), (moved, None), "the successor is told again");
    for later in [Duration::ZERO, Duration::from_secs(60)] {
        let loaded = subject.load_at(&key, retire_at + later).await;
        assert_eq!(loaded, Some(Loaded::Retired { successor: moved }), "{later:?} after the grace");
    }
}

pub(super) async fn confirmation_is_not_postponed(subject: Subject) {
    let key = subject.session("{}").await;
    let moved = subject.rotated(&key).await;
    subject.confirm(&moved, subject.now + GRACE).await;
    subject.confirm(&moved, subject.now + GRACE * 10).await;
    let loaded = subject.load_at(&key, subject.now + GRACE).await;
    assert_eq!(loaded, Some(Loaded::Retired { successor: moved }));
}

pub(super) async fn confirming_nothing_does_nothing(subject: Subject) {
    subject.confirm(&any_key(), subject.now).await;
    let key = subject.session("{}").await;
    let before = subject.load(&key).await;
    subject.confirm(&key, subject.now).await;
    assert_eq!(subject.load(&key).await, before);
}

pub(super) async fn chains_lead_to_the_end(subject: Subject) {
    let chain = chain(&subject).await;
    let [earlier @ .., before_last, last] = &chain;
    let record = subject.live(last).await;
    for key in earlier {
        let alias = subject.alias(key, subject.now).await;
        assert_eq!((alias.successor, &alias.record), (*last, &record));
        assert_eq!(alias.nonce, None, "the nonce does not make the last key");
    }
    let alias = subject.alias(before_last, subject.now).await;
    assert_eq!((alias.successor, alias.record), (*last, record));
    assert!(alias.nonce.is_some(), "the last rotation can be told again");
}

pub(super) async fn confirmation_retires_the_whole_chain(subject: Subject) {
    let chain = chain(&subject).await;
    let [earlier @ .., last] = &chain;
    subject.confirm(last, subject.now + GRACE).await;
    for (hop, key) in earlier.iter().enumerate() {
        assert_eq!(subject.alias(key, subject.now).await.nonce, None, "hop {hop}");
        let loaded = subject.load_at(key, subject.now + GRACE).await;
        assert_eq!(loaded, Some(Loaded::Retired { successor: *last }), "hop {hop}");
    }
}

pub(super) async fn a_late_confirmation_spares_later_aliases(subject: Subject) {
    let first = subject.session("{}").await;
    let second = subject.rotated(&first).await;
    let third = subject.rotated(&second).await;
    // A parallel request carries the second key, and loads it only now that it is an alias already.
    subject.confirm(&second, subject.now + GRACE).await;
    let later = subject.now + GRACE;
    assert_eq!(subject.load_at(&first, later).await, Some(Loaded::Retired { successor: third }));
    let alias = subject.alias(&second, later).await;
    assert!(alias.successor == third && alias.nonce.is_some(), "the third key has not been seen: {alias:?}");
    assert!(matches!(subject.load(&third).await, Some(Loaded::Live { unconfirmed: true, .. })));
}

pub(super) async fn a_taken_key_is_a_conflict(subject: Subject) {
    let (ours, theirs) = (subject.session(r#"{"of":"us"}"#).await, subject.session(r#"{"of":"them"}"#).await);
    let theirs_now = subject.rotated(&theirs).await;
    let (our_record, their_record) = (subject.live(&ours).await, subject.live(&theirs_now).await);
    let patch = set("n", "1");
    for (case, to) in [("a record", theirs_now), ("an alias", theirs), ("itself", ours)] {
        for alias in [None, Some([7; 16])] {
            let rotation = Rotation { to, alias };
            let outcome = subject.rotate_with(&ours, rotation, subject.change(&patch)).await;
            assert_eq!(outcome, Committed::Conflict, "{case}");
            assert_eq!(subject.live(&ours).await, our_record, "{case}: the session has changed");
            assert_eq!(subject.live(&theirs_now).await, their_record, "{case}: another session has changed");
            assert_eq!(subject.alias(&theirs, subject.now).await.successor, theirs_now, "{case}");
        }
    }
}

pub(super) async fn a_wrong_revision_is_a_conflict(subject: Subject) {
    let key = subject.session(r#"{"n":1}"#).await;
    let before = subject.live(&key).await;
    let (rotation, patch) = (subject.leaving_an_alias(&key), set("n", "2"));
    let commit = Commit { expected: Some(7), ..subject.change(&patch) };
    assert_eq!(subject.rotate_with(&key, rotation, commit).await, Committed::Conflict);
    assert_eq!(subject.live(&key).await, before);
    assert_eq!(subject.load(&rotation.to).await, None);
}

pub(super) async fn without_an_alias_the_old_key_is_dead(subject: Subject) {
    let key = subject.session(r#"{"n":1}"#).await;
    let rotation = subject.leaving_nothing(&key);
    let record = done(subject.rotate(&key, rotation).await);
    assert_eq!(subject.load(&key).await, None);
    assert_eq!(subject.patch(&key, &set("n", "2")).await, Committed::Gone);
    // There is nothing to confirm.
    let live = Loaded::Live { record: Arc::clone(&record), unconfirmed: false };
    assert_eq!(subject.load(&rotation.to).await, Some(live));
}

pub(super) async fn without_an_alias_earlier_aliases_are_dead(subject: Subject) {
    let chain = chain(&subject).await;
    let [earlier @ .., last] = &chain;
    let rotation = subject.leaving_nothing(last);
    done(subject.rotate(last, rotation).await);
    for (hop, key) in earlier.iter().enumerate() {
        assert_eq!(subject.load(key).await, None, "hop {hop}");
        assert!(!subject.delete(key).await, "hop {hop} still leads to the session");
    }
    subject.live(&rotation.to).await;
}

pub(super) async fn a_missing_key_is_gone(subject: Subject) {
    let key = any_key();
    let rotation = subject.leaving_an_alias(&key);
    assert_eq!(subject.rotate(&key, rotation).await, Committed::Gone);
    assert_eq!(subject.load(&rotation.to).await, None);
    let destroyed = subject.session("{}").await;
    assert!(subject.delete(&destroyed).await);
    let rotation = subject.leaving_an_alias(&destroyed);
    assert_eq!(subject.rotate(&destroyed, rotation).await, Committed::Gone);
    assert_eq!(subject.load(&rotation.to).await, None, "brought back under the new key");
}

pub(super) async fn aliases_end_with_their_session(subject: Subject) {
    for retired in [false, true] {
        let destroyed = chain(&subject).await;
        let expired = chain(&subject).await;
        let later = subject.now + IDLE;
        if retired {
            subject.confirm(&destroyed[3], subject.now).await;
            subject.confirm(&expired[3], subject.now).await;
        }
        assert!(subject.delete(&destroyed[3]).await);
        for key in destroyed {
            assert_eq!(subject.load(&key).await, None, "of a destroyed session; retired: {retired}");
        }
        for key in expired {
            assert_eq!(subject.load_at(&key, later).await, None, "of an expired session; retired: {retired}");
        }
    }
}

pub(super) async fn deletion_follows_aliases(subject: Subject) {
    for (case, hop, retired) in
        [("the last hop", 2, false), ("the first", 0, false), ("a retired key", 0, true)]
    {
        let chain = chain(&subject).await;
        if retired {
            subject.confirm(&chain[3], subject.now).await;
        }
        assert!(subject.delete(&chain[hop]).await, "{case}");
        for key in chain {
            assert_eq!(subject.load(&key).await, None, "{case}");
        }
        assert!(!subject.delete(&chain[hop]).await, "{case}: deleted twice");
    }
}

pub(super) async fn a_dead_key_deletes_nothing(subject: Subject) {
    let key = subject.session("{}").await;
    let rotation = subject.leaving_nothing(&key);
    done(subject.rotate(&key, rotation).await);
    assert!(!subject.delete(&key).await);
    subject.live(&rotation.to).await;
}

/// A session that has been rotated three times, and all keys it has had, in order.
async fn chain(subject: &Subject) -> [StoreKey; 4] {
    let first = subject.session(r#"{"n":1}"#).await;
    let second = subject.rotated(&first).await;
    let third = subject.rotated(&second).await;
    let fourth = subject.rotated(&third).await;
    [first, second, third, fourth]
}

pub(super) async fn a_peek_sees_what_a_load_sees(subject: Subject) {
    let store = &subject.store;
    let agrees = async |key: &StoreKey, now| {
        let Some(record) = store.peek(key, now) else { return };
        let live = Loaded::Live { record, unconfirmed: false };
        assert_eq!(subject.load_at(key, now).await, Some(live), "a peek saw something else than a load");
    };
    let (unused, key) = (any_key(), subject.session(r#"{"n":1}"#).await);
    for key in [&unused, &key] {
        agrees(key, subject.now).await;
        agrees(key, subject.now + IDLE).await;
    }
    done(subject.patch(&key, &set("n", "2")).await);
    agrees(&key, subject.now).await;
    let moved = subject.rotated(&key).await;
    for key in [&key, &moved] {
        agrees(key, subject.now).await;
    }
    subject.confirm(&moved, subject.now + GRACE).await;
    for key in [&key, &moved] {
        agrees(key, subject.now).await;
        agrees(key, subject.now + GRACE).await;
    }
    assert!(subject.delete(&moved).await, "not deleted");
    for key in [&key, &moved] {
        assert_eq!(store.peek(key, subject.now), None, "a deleted session is seen");
    }
}
