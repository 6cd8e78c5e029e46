#![allow(clippy::unwrap_used)]

use std::time::Duration;

use serde_json::value::RawValue;

use super::*;
use crate::Handle;
use crate::store::{Commit, Identity, MAX_ALIASES, Meta, Patch, SessionData, StoreErrorKind, conformance};

const NOW: UnixMillis = UnixMillis::new(1_000_000);
const LIFE: Duration = Duration::from_secs(60);

fn key(number: u64) -> StoreKey {
    use sha2::Digest;
    StoreKey::from_bytes(sha2::Sha256::digest(number.to_be_bytes()).into())
}

fn record(data: &str) -> Record {
    let meta = Meta {
        handle: Handle::generate(),
        created_at: NOW,
        absolute_deadline: NOW + LIFE * 10,
        idle_timeout: LIFE,
        persistent: false,
        identity: Some(Arc::new(Identity { user: UserId::new("alice"), authenticated_at: NOW })),
    };
    let data = SessionData::parse(data).unwrap();
    Record { data, revision: 1, deadline: NOW + LIFE, seen_at: NOW, meta }
}

fn set(value: &str) -> Patch {
    let mut patch = Patch::default();
    patch.set("n", RawValue::from_string(value.to_owned()).unwrap());
    patch
}

fn change(patch: &Patch) -> Commit<'_> {
    Commit { patch, expected: None, touch: Touch { deadline: NOW + LIFE, seen_at: NOW }, meta: None }
}

async fn rotate(
    store: &MemoryStore,
    from: &StoreKey,
    to: StoreKey,
) -> Result<Committed, crate::store::StoreError> {
    let patch = Patch::default();
    store.rotate(from, Rotation { to, alias: Some([0; 16]) }, change(&patch), NOW).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn it_keeps_the_contract() {
    conformance::check(|| async { MemoryStore::new() }).await;
}

#[tokio::test]
async fn beyond_its_limits_it_refuses_and_loses_nothing() {
    let store = MemoryStore::with_limits(MemoryLimits { sessions: 3, data_bytes: 30 });
    assert!(store.create(&key(1), record(r#"{"n":1}"#), NOW).await.unwrap());
    assert!(store.create(&key(2), record(r#"{"n":2}"#), NOW).await.unwrap());
    let full = |error: crate::store::StoreError| assert_eq!(error.kind(), StoreErrorKind::Full);

    full(store.create(&key(3), record(r#"{"n":"more than is left"}"#), NOW).await.unwrap_err());
    full(store.commit(&key(1), change(&set(r#""more than is left""#)), NOW).await.unwrap_err());
    assert!(!store.create(&key(2), record("{}"), NOW).await.unwrap(), "a taken key is no matter of room");
    rotate(&store, &key(1), key(10)).await.map(|_| ()).unwrap();
    full(rotate(&store, &key(2), key(20)).await.unwrap_err());
    full(store.create(&key(3), record("{}"), NOW).await.unwrap_err());

    assert_eq!((store.len(), store.data_bytes()), (2, 14));
    for (key, data) in [(key(10), r#"{"n":1}"#), (key(2), r#"{"n":2}"#)] {
        let Some(Loaded::Live { record, .. }) = store.load(&key, NOW).await.unwrap() else { panic!("lost") };
        assert_eq!(record.data.as_str(), data);
    }
    // What fits is still taken.
    let shrunk = store.commit(&key(2), change(&set("3")), NOW).await.unwrap();
    assert!(matches!(shrunk, Committed::Done(_)));
    assert!(store.delete(&key(2), NOW).await.unwrap());
    assert!(store.create(&key(3), record("{}"), NOW).await.unwrap());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_limits_hold_while_many_press_in() {
    let store = MemoryStore::with_limits(MemoryLimits { sessions: 100, data_bytes: 100 * 7 - 1 });
    let tasks: Vec<_> = (0..400)
        .map(|number| {
            let store = store.clone();
            tokio::spawn(async move { store.create(&key(number), record(r#"{"n":1}"#), NOW).await.is_ok() })
        })
        .collect();
    let mut created = 0;
    for task in tasks {
        created += usize::from(task.await.unwrap());
    }
    assert_eq!((created, store.len(), store.data_bytes()), (99, 99, 99 * 7));
}

#[tokio::test]
async fn the_books_return_to_zero() {
    let store = MemoryStore::new();
    for number in 0..500 {
        assert!(store.create(&key(number), record(r#"{"n":1}"#), NOW).await.unwrap());
        for hop in 0..number % 4 {
            rotate(&store, &key(number + hop * 1_000), key(number + (hop + 1) * 1_000))
                .await
                .map(|_| ())
                .unwrap();
        }
        let current = key(number + number % 4 * 1_000);
        let grown = store.commit(&current, change(&set(r#""larger""#)), NOW).await.unwrap();
        assert!(matches!(grown, Committed::Done(_)));
    }
    assert_eq!(store.len(), 500);
    for number in 0..100 {
        assert!(store.delete(&key(number), NOW).await.unwrap());
    }
    let dead_at_once = Rotation { to: key(9_999), alias: None };
    let patch = Patch::default();
    let moved = store.rotate(&key(100), dead_at_once, change(&patch), NOW).await.unwrap();
    assert!(matches!(moved, Committed::Done(_)));
    // Renewed under the key of one that has ended.
    assert!(store.create(&key(200), record("{}"), NOW + LIFE).await.unwrap());
    let mut swept = 0;
    for _ in 0..64 {
        swept += store.sweep(NOW + LIFE * 2).await.unwrap();
    }
    assert_eq!(swept, 400);
    assert!(store.0.sessions.is_bare());
    assert!(store.0.locks.is_empty());
}

#[tokio::test]
async fn a_swept_record_is_gone_by_any_clock() {
    let store = MemoryStore::new();
    assert!(store.create(&key(1), record("{}"), NOW).await.unwrap());
    for _ in 0..64 {
        store.sweep(NOW + LIFE).await.unwrap();
    }
    assert_eq!(store.load(&key(1), NOW).await.unwrap(), None);
}

#[tokio::test]
async fn old_aliases_make_room_for_new_ones() {
    let store = MemoryStore::new();
    assert!(store.create(&key(0), record("{}"), NOW).await.unwrap());
    let rotations = MAX_ALIASES as u64 + 10;
    for number in 0..rotations {
        rotate(&store, &key(number), key(number + 1)).await.map(|_| ()).unwrap();
    }
    assert_eq!(store.load(&key(9), NOW).await.unwrap(), None);
    assert!(matches!(store.load(&key(10), NOW).await.unwrap(), Some(Loaded::Alias(_))));
    assert!(store.delete(&key(10), NOW).await.unwrap());
    assert!(store.0.sessions.is_bare());
}

#[tokio::test]
async fn debug_shows_no_data() {
    let store = MemoryStore::new();
    assert!(store.create(&key(1), record(r#"{"password":"hunter2"}"#), NOW).await.unwrap());
    let loaded = store.load(&key(1), NOW).await.unwrap();
    let text = format!("{store:?} {loaded:?}");
    assert!(!text.contains("hunter2") && !text.contains("alice"), "{text}");
}
