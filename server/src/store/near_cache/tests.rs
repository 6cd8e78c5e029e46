#![allow(clippy::unwrap_used)]

use super::*;
use crate::store::conformance;
use crate::store::test_support::{
    Announcing, RoundRobin, change, create, done, key, now, put, record, rotate, set, value,
};

const LIMITS: NearCacheLimits = NearCacheLimits { sessions: 1000, bytes: 1 << 20 };

/// Two servers, each with a cache of its own.
fn two() -> (Announcing, NearCache<Announcing>, NearCache<Announcing>) {
    let store = Announcing::new();
    (store.clone(), NearCache::new(store.clone(), LIMITS), NearCache::new(store, LIMITS))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_contract_is_kept() {
    conformance::check(|| async { NearCache::new(Announcing::new(), LIMITS) }).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_contract_is_kept_by_two_servers() {
    conformance::check(|| async {
        let (_, here, there) = two();
        RoundRobin::new(vec![here, there], ())
    })
    .await;
}

#[tokio::test]
async fn an_unchanged_session_is_read_once() {
    let (store, here, there) = two();
    assert!(create(&here, 1).await.unwrap());
    for _ in 0..10 {
        assert_eq!(value(&here, 1).await.unwrap().as_deref(), Some("0"));
    }
    assert_eq!((store.loads(), here.len(), there.len()), (1, 1, 0));
    done(&put(&here, 1, "1").await);
    for _ in 0..10 {
        assert_eq!(value(&here, 1).await.unwrap().as_deref(), Some("1"), "what it has written itself");
    }
    assert_eq!(store.loads(), 2);
}

#[tokio::test]
async fn what_others_change_is_seen() {
    let (store, here, there) = two();
    assert!(create(&here, 1).await.unwrap());
    for n in 1..5 {
        done(&put(&there, 1, &n.to_string()).await);
        assert_eq!(value(&here, 1).await.unwrap(), Some(n.to_string()));
    }
    let before = store.loads();
    assert!(there.delete(&key(1), now()).await.unwrap());
    assert_eq!(value(&here, 1).await.unwrap(), None);
    assert_eq!(value(&here, 1).await.unwrap(), None);
    assert_eq!(store.loads() - before, 3, "the deletion asks where the key leads, and absence is not kept");
}

#[tokio::test]
async fn an_answer_that_is_overtaken_by_a_change_is_not_kept() {
    for (case, there_writes) in [("theirs", true), ("its own", false)] {
        let (store, here, there) = two();
        assert!(create(&here, 1).await.unwrap());
        let here = Arc::new(here);
        let withheld = store.withhold();
        let reader = tokio::spawn({
            let here = Arc::clone(&here);
            async move { value(&*here, 1).await }
        });
        while store.loads() == 0 {
            tokio::task::yield_now().await;
        }
        done(&put(if there_writes { &there } else { &here }, 1, "1").await);
        drop(withheld);
        assert_eq!(reader.await.unwrap().unwrap().as_deref(), Some("0"), "{case}: it was asked before");
        assert_eq!(value(&*here, 1).await.unwrap().as_deref(), Some("1"), "{case}");
    }
}

#[tokio::test]
async fn a_lost_channel_empties_it_and_silence_is_not_trusted() {
    let (store, here, _) = two();
    assert!(create(&here, 1).await.unwrap());
    value(&here, 1).await.unwrap();
    store.news().unwrap().lost();
    assert!(here.is_empty());
    for _ in 0..3 {
        value(&here, 1).await.unwrap();
    }
    assert_eq!((store.loads(), here.len()), (4, 0), "it passes everything on");
    store.speak();
    for _ in 0..3 {
        value(&here, 1).await.unwrap();
    }
    assert_eq!(store.loads(), 5);

    // The last proof runs out: nobody has said that the channel is lost.
    store.news().unwrap().lost();
    store.news().unwrap().heard_up_to(std::time::Instant::now());
    value(&here, 1).await.unwrap();
    assert_eq!(here.len(), 1);
    std::thread::sleep(Duration::from_millis(1010));
    let before = store.loads();
    value(&here, 1).await.unwrap();
    assert_eq!(store.loads(), before + 1);
}

#[tokio::test]
async fn what_was_seen_in_silence_is_not_taken_back_by_a_late_proof() {
    let (store, here, _) = two();
    let news = store.news().unwrap();
    assert!(create(&here, 1).await.unwrap());
    news.lost();
    news.heard_up_to(std::time::Instant::now());
    assert_eq!(value(&here, 1).await.unwrap().as_deref(), Some("0"));
    std::thread::sleep(Duration::from_millis(1010));
    let patch = set("1");
    done(&store.commit_silently(&key(1), change(&patch)).await);
    assert_eq!(value(&here, 1).await.unwrap().as_deref(), Some("1"), "read from the store itself");
    // Of a moment before the change, whose word is still on its way.
    news.heard_up_to(std::time::Instant::now());
    assert_eq!(value(&here, 1).await.unwrap().as_deref(), Some("1"));
}

#[tokio::test]
async fn ended_and_unconfirmed_sessions_are_not_answered_from_it() {
    let (store, here, _) = two();
    let mut short = record("{}");
    short.deadline = now() + Duration::from_secs(60);
    assert!(here.create(&key(1), short.into(), now()).await.unwrap());
    assert!(here.load(&key(1), now()).await.unwrap().is_some());
    assert_eq!(here.load(&key(1), now() + Duration::from_secs(61)).await.unwrap(), None);

    assert!(create(&here, 2).await.unwrap());
    done(&rotate(&here, 2, 3).await);
    let loads = store.loads();
    for _ in 0..2 {
        let loaded = here.load(&key(3), now()).await.unwrap();
        assert!(matches!(loaded, Some(Loaded::Live { unconfirmed: true, .. })), "{loaded:?}");
    }
    assert_eq!(store.loads(), loads + 2);
}

#[tokio::test]
async fn a_holder_of_the_lock_sees_what_the_last_one_has_left() {
    let (store, here, there) = two();
    assert!(create(&here, 1).await.unwrap());
    value(&here, 1).await.unwrap();
    // Two servers whose news is late.
    let patch = set("7");
    let held = there.lock(&key(1)).await.unwrap();
    let commit = change(&patch);
    done(&store.commit_silently(&key(1), commit).await);
    drop(held);
    let _held = here.lock(&key(1)).await.unwrap();
    assert_eq!(value(&here, 1).await.unwrap().as_deref(), Some("7"));
}

#[tokio::test]
async fn it_is_bounded() {
    let count = |limits: NearCacheLimits, size: usize| async move {
        let store = NearCache::new(Announcing::new(), limits);
        for number in 0..200 {
            let data = format!(r#"{{"text":"{}"}}"#, "x".repeat(size));
            assert!(store.create(&key(number), record(&data).into(), now()).await.unwrap());
            store.load(&key(number), now()).await.unwrap();
        }
        store.len()
    };
    let by_number = count(NearCacheLimits { sessions: 50, bytes: 1 << 20 }, 10).await;
    assert!((1..=50).contains(&by_number), "{by_number} sessions");
    let by_size = count(NearCacheLimits { sessions: 1000, bytes: 100_000 }, 5_000).await;
    assert!((1..=20).contains(&by_size), "{by_size} sessions");
}
