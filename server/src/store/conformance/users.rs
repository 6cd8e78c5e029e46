//! The index of sessions by user.

use std::sync::Arc;
use std::time::Duration;

use super::fixture::{IDLE, Subject, done};
use crate::StoreKey;
use crate::store::{Identity, UserId};

pub(super) async fn a_users_live_sessions_are_listed(subject: Subject) {
    let (alice, bob, nobody) = (UserId::new("alice"), UserId::new("bob"), UserId::new("nobody"));
    let ours = several(&subject, &alice, 20).await;
    let theirs = several(&subject, &bob, 1).await;
    subject.session("{}").await;
    assert_eq!(subject.keys_of(&alice).await, ours);
    assert_eq!(subject.keys_of(&bob).await, theirs);
    assert_eq!(subject.keys_of(&nobody).await, []);
    for (key, record) in subject.list(&alice).await {
        assert_eq!(record, subject.live(&key).await);
    }
}

pub(super) async fn the_index_follows_the_session(subject: Subject) {
    let (alice, bob) = (UserId::new("alice"), UserId::new("bob"));
    let key = subject.session("{}").await;
    let mut meta = subject.live(&key).await.meta.clone();
    for (case, identity) in [("logs in", Some(&alice)), ("changes hands", Some(&bob)), ("logs out", None)] {
        let identity = identity.map(|user| Identity { user: user.clone(), authenticated_at: subject.now });
        meta.identity = identity.map(Arc::new);
        done(subject.change_meta(&key, &meta).await);
        for user in [&alice, &bob] {
            let is_theirs = meta.identity.as_ref().is_some_and(|identity| identity.user == *user);
            let expected = if is_theirs { vec![key] } else { Vec::new() };
            assert_eq!(subject.keys_of(user).await, expected, "{case}");
        }
    }
    let key = subject.stored(subject.record_of(&alice)).await;
    let (first, second) = (subject.leaving_an_alias(&key), subject.leaving_nothing(&key));
    done(subject.rotate(&key, first).await);
    assert_eq!(subject.keys_of(&alice).await, [first.to], "the alias is no session");
    done(subject.rotate(&first.to, second).await);
    assert_eq!(subject.keys_of(&alice).await, [second.to]);
    assert!(subject.delete(&second.to).await);
    assert_eq!(subject.keys_of(&alice).await, []);
}

pub(super) async fn ended_sessions_are_not_listed(subject: Subject) {
    let user = UserId::new("alice");
    let keys = several(&subject, &user, 2).await;
    assert!(subject.touch(&keys[0], subject.visit(Duration::from_secs(60))).await);
    let later = Subject { now: subject.now + IDLE, ..subject };
    assert_eq!(later.keys_of(&user).await, [keys[0]]);
    let deleted = later.store.delete_all_of(&user, None, later.now).await.expect("delete_all_of");
    assert_eq!(deleted, 1, "an ended session counts as deleted");
}

pub(super) async fn all_sessions_of_a_user_are_deleted(subject: Subject) {
    let (alice, bob) = (UserId::new("alice"), UserId::new("bob"));
    let ours = several(&subject, &alice, 20).await;
    let theirs = several(&subject, &bob, 2).await;
    let anonymous = subject.session("{}").await;
    let alias = ours[0];
    let moved = subject.rotated(&alias).await;
    let deleted = subject.store.delete_all_of(&alice, None, subject.now).await.expect("delete_all_of");
    assert_eq!(deleted, 20);
    assert_eq!(subject.keys_of(&alice).await, []);
    for key in ours.iter().chain([&moved]) {
        assert_eq!(subject.load(key).await, None);
    }
    assert_eq!(subject.keys_of(&bob).await, theirs);
    subject.live(&anonymous).await;
    let again = subject.store.delete_all_of(&alice, None, subject.now).await.expect("delete_all_of");
    assert_eq!(again, 0);
}

pub(super) async fn the_excepted_session_is_spared(subject: Subject) {
    let (alice, bob) = (UserId::new("alice"), UserId::new("bob"));
    let theirs = several(&subject, &bob, 1).await;
    let keys = several(&subject, &alice, 3).await;
    let delete_but = async |except: &StoreKey| {
        subject.store.delete_all_of(&alice, Some(except), subject.now).await.expect("delete_all_of")
    };
    assert_eq!(delete_but(&keys[1]).await, 2);
    assert_eq!(subject.keys_of(&alice).await, [keys[1]]);
    // A parallel request has moved the session.
    let moved = subject.rotated(&keys[1]).await;
    several(&subject, &alice, 2).await;
    assert_eq!(delete_but(&keys[1]).await, 2, "an alias names its session");
    assert_eq!(subject.keys_of(&alice).await, [moved]);
    // Somebody else's session, or none at all, spares nothing.
    assert_eq!(delete_but(&theirs[0]).await, 1);
    several(&subject, &alice, 1).await;
    assert_eq!(delete_but(&keys[0]).await, 1);
    assert_eq!(subject.keys_of(&bob).await, theirs);
}

pub(super) async fn names_are_told_apart_byte_by_byte(subject: Subject) {
    let long = "x".repeat(10_000);
    let names = [
        "",
        " ",
        "a",
        "A",
        "a ",
        "a\0",
        "a\0b",
        "\0",
        "ä",
        "a\u{308}",
        "\u{e9}",
        "*",
        "a*",
        "%",
        "_",
        "?",
        "[a]",
        "{a}",
        "a:b",
        "'; DROP TABLE sessions; --",
        "\"",
        "\\",
        "\r\n",
        "null",
        "0",
        "1e3",
        "🦀",
        "\u{10ffff}",
        "\u{feff}a",
        &long,
    ];
    let mut keys = Vec::new();
    for name in names {
        keys.push(subject.stored(subject.record_of(&UserId::new(name))).await);
    }
    for (name, key) in names.iter().zip(&keys) {
        let user = UserId::new(*name);
        let listed = subject.list(&user).await;
        assert_eq!(listed.len(), 1, "sessions of {name:?}");
        assert_eq!(listed[0].0, *key, "{name:?}");
        assert_eq!(listed[0].1.meta.identity.as_ref().map(|identity| &identity.user), Some(&user));
    }
    for (index, name) in names.iter().enumerate() {
        let deleted = subject.store.delete_all_of(&UserId::new(*name), None, subject.now).await;
        assert_eq!(deleted.expect("delete_all_of"), 1, "{name:?}");
        for (other, key) in keys.iter().enumerate() {
            assert_eq!(subject.load(key).await.is_some(), other > index, "{name:?} and {:?}", names[other]);
        }
    }
}

/// Sessions of a user; their keys, sorted.
async fn several(subject: &Subject, user: &UserId, count: usize) -> Vec<StoreKey> {
    let mut keys = Vec::new();
    for _ in 0..count {
        keys.push(subject.stored(subject.record_of(user)).await);
    }
    keys.sort();
    keys
}
