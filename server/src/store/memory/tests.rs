#![allow(clippy::unwrap_used)]

use super::*;
use crate::store::test_support::{
    LIFE, change, create, done, key, kind, now, outlive_aliases, put, record, rotate, value,
};
use crate::store::{Patch, StoreErrorKind, conformance};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn it_keeps_the_contract() {
    conformance::check(|| async { MemoryStore::new() }).await;
}

#[tokio::test]
async fn beyond_its_limits_it_refuses_and_loses_nothing() {
    let store = MemoryStore::with_limits(MemoryLimits { sessions: 3, data_bytes: 30 });
    assert!(create(&store, 1).await.unwrap());
    assert!(create(&store, 2).await.unwrap());
    let large = record(r#"{"n":"more than is left"}"#);
    assert_eq!(kind(store.create(&key(3), large.into(), now()).await), StoreErrorKind::Full);
    assert_eq!(kind(put(&store, 1, r#""more than is left""#).await), StoreErrorKind::Full);
    assert!(!create(&store, 2).await.unwrap(), "a taken key is no matter of room");
    done(&rotate(&store, 1, 10).await);
    assert_eq!(kind(rotate(&store, 2, 20).await), StoreErrorKind::Full);
    assert_eq!(kind(create(&store, 3).await), StoreErrorKind::Full);

    assert_eq!((store.len(), store.data_bytes()), (2, 14));
    for number in [10, 2] {
        assert_eq!(value(&store, number).await.unwrap().as_deref(), Some("0"));
    }
    // What fits is still taken.
    done(&put(&store, 2, "3").await);
    assert!(store.delete(&key(2), now()).await.unwrap());
    assert!(create(&store, 3).await.unwrap());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_limits_hold_while_many_press_in() {
    let store = MemoryStore::with_limits(MemoryLimits { sessions: 100, data_bytes: 100 * 7 - 1 });
    let tasks: Vec<_> = (0..400)
        .map(|number| {
            let store = store.clone();
            tokio::spawn(async move { create(&store, number).await.is_ok() })
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
        assert!(create(&store, number).await.unwrap());
        let rotations = number % 4;
        for hop in 0..rotations {
            done(&rotate(&store, number + hop * 1_000, number + (hop + 1) * 1_000).await);
        }
        done(&put(&store, number + rotations * 1_000, r#""larger""#).await);
    }
    assert_eq!(store.len(), 500);
    for number in 0..100 {
        assert!(store.delete(&key(number), now()).await.unwrap());
    }
    let dead_at_once = Rotation { to: key(9_999), alias: None };
    let patch = Patch::default();
    done(&store.rotate(&key(100), dead_at_once, change(&patch), now()).await);
    // Taken by a new session after its own has ended.
    assert!(store.create(&key(200), record("{}").into(), now() + LIFE).await.unwrap());
    let mut swept = 0;
    for _ in 0..64 {
        swept += store.sweep(now() + LIFE * 2).await.unwrap();
    }
    assert_eq!(swept, 400);
    assert!(store.0.sessions.is_bare());
    assert!(store.0.locks.is_empty());
}

#[tokio::test]
async fn a_swept_record_is_gone_by_any_clock() {
    let store = MemoryStore::new();
    assert!(create(&store, 1).await.unwrap());
    for _ in 0..64 {
        store.sweep(now() + LIFE).await.unwrap();
    }
    assert_eq!(store.load(&key(1), UnixMillis::default()).await.unwrap(), None);
}

#[tokio::test]
async fn more_than_a_step_of_a_sweep_is_swept() {
    let store = MemoryStore::new();
    // All in one shard, which their last bytes choose.
    for number in 0_u32..5_000 {
        let mut bytes = [0; 32];
        bytes[..4].copy_from_slice(&number.to_ne_bytes());
        assert!(store.create(&StoreKey::from_bytes(bytes), record("{}").into(), now()).await.unwrap());
    }
    let mut swept = 0;
    for _ in 0..64 {
        swept += store.sweep(now() + LIFE).await.unwrap();
    }
    assert_eq!((swept, store.len()), (5_000, 0));
}

#[tokio::test]
async fn old_aliases_make_room_for_new_ones() {
    let store = MemoryStore::new();
    outlive_aliases(&store).await;
    assert!(store.0.sessions.is_bare());
}

#[tokio::test]
async fn debug_shows_no_data() {
    let store = MemoryStore::new();
    assert!(store.create(&key(1), record(r#"{"password":"hunter2"}"#).into(), now()).await.unwrap());
    let loaded = store.load(&key(1), now()).await.unwrap();
    let text = format!("{store:?} {loaded:?}");
    assert!(!text.contains("hunter2") && !text.contains("alice"), "{text}");
}
