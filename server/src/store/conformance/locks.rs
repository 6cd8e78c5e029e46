//! One holder at a time.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::timeout;

use super::fixture::{Subject, any_key, done, integer, set};
use crate::StoreKey;
use crate::store::StoreLock;

/// Long enough for a lock that is free to be taken, also over a network.
const AMPLE: Duration = Duration::from_secs(20);
/// Long enough to see that a lock is not given away.
const WHILE: Duration = Duration::from_millis(100);

pub(super) async fn one_holder_at_a_time(subject: Subject) {
    const CALLERS: usize = 8;
    const EACH: u64 = 5;
    let key = subject.session(r#"{"n":0}"#).await;
    let holders = Arc::new(AtomicUsize::new(0));
    let mut callers = JoinSet::new();
    for _ in 0..CALLERS {
        let (subject, holders) = (subject.clone(), Arc::clone(&holders));
        callers.spawn(async move {
            for _ in 0..EACH {
                let _lock = lock(&subject, &key).await;
                assert_eq!(holders.fetch_add(1, Ordering::SeqCst), 0, "two hold the lock");
                // What Locking::Exclusive is for: get, think, insert.
                let n = integer(&*subject.live(&key).await, "n");
                tokio::time::sleep(Duration::from_millis(1)).await;
                done(subject.patch(&key, &set("n", &(n + 1).to_string())).await);
                holders.fetch_sub(1, Ordering::SeqCst);
            }
        });
    }
    while let Some(ended) = callers.join_next().await {
        ended.unwrap_or_else(|failed| std::panic::resume_unwind(failed.into_panic()));
    }
    assert_eq!(integer(&*subject.live(&key).await, "n"), CALLERS as u64 * EACH, "an update is lost");
}

pub(super) async fn keys_are_locked_apart(subject: Subject) {
    let mut held = Vec::new();
    for _ in 0..50 {
        held.push(lock(&subject, &any_key()).await);
    }
}

pub(super) async fn a_lock_is_released_on_drop(subject: Subject) {
    let key = any_key();
    for _ in 0..10 {
        let held = lock(&subject, &key).await;
        let waiter = tokio::spawn({
            let subject = subject.clone();
            async move { lock(&subject, &key).await }
        });
        assert!(is_held(&subject, &key).await, "the lock is given to two");
        drop(held);
        drop(waiter.await.expect("the waiter gets its turn"));
    }
}

pub(super) async fn a_cancelled_waiter_leaves_no_trace(subject: Subject) {
    let key = any_key();
    let held = lock(&subject, &key).await;
    for _ in 0..3 {
        assert!(is_held(&subject, &key).await, "the lock is given to two");
    }
    drop(held);
    drop(lock(&subject, &key).await);
    // Cancelled at whatever point they have reached.
    for _ in 0..20 {
        let waiter = tokio::spawn({
            let subject = subject.clone();
            async move { drop(lock(&subject, &key).await) }
        });
        tokio::task::yield_now().await;
        waiter.abort();
    }
    drop(lock(&subject, &key).await);
}

pub(super) async fn a_panic_releases_the_lock(subject: Subject) {
    let key = any_key();
    let held = lock(&subject, &key).await;
    let handler = tokio::spawn(async move {
        let _held = held;
        // Unwinds as a panic does, without its message.
        std::panic::resume_unwind(Box::new("a handler's panic"));
    });
    assert!(handler.await.is_err());
    drop(lock(&subject, &key).await);
}

async fn lock(subject: &Subject, key: &StoreKey) -> StoreLock {
    let locked = timeout(AMPLE, subject.store.lock(key)).await;
    locked.expect("a free lock is not given to anybody").expect("lock")
}

/// Whether a waiter waits in vain.
async fn is_held(subject: &Subject, key: &StoreKey) -> bool {
    timeout(WHILE, subject.store.lock(key)).await.is_err()
}
