//! What one store hears of others on its file, and a near cache that is kept right by it.

use std::fs;
use std::sync::{Arc, Mutex, Weak};
use std::time::{Duration, Instant};

use super::place::Place;
use crate::StoreKey;
use crate::store::test_support::{RoundRobin, create, done, key, now, put, record, rotate, value};
use crate::store::{
    NearCache, NearCacheLimits, NewsListener, SessionStore, SqliteStore, Synchronous, UserId, conformance,
};

fn open(place: &Place) -> NearCache<SqliteStore> {
    let store = SqliteStore::builder().synchronous(Synchronous::Normal).open(place.file()).unwrap();
    NearCache::new(store, NearCacheLimits::default())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_contract_is_kept_with_a_cache() {
    conformance::check(|| async {
        let place = Place::new();
        RoundRobin::new(vec![open(&place)], place)
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_contract_is_kept_by_two_stores_with_a_cache_each() {
    conformance::check(|| async {
        let place = Place::new();
        RoundRobin::new(vec![open(&place), open(&place)], place)
    })
    .await;
}

/// Waits until the cache answers for a session, without asking the store.
async fn is_kept(cache: &NearCache<SqliteStore>, number: u64) -> bool {
    let give_up = Instant::now() + Duration::from_secs(10);
    while cache.peek(&key(number), now()).is_none() {
        if Instant::now() > give_up {
            return false;
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    true
}

/// A session that the cache answers for.
async fn keep(cache: &NearCache<SqliteStore>, number: u64) {
    let give_up = Instant::now() + Duration::from_secs(10);
    while cache.peek(&key(number), now()).is_none() {
        assert!(Instant::now() < give_up, "it does not come to be current");
        assert!(value(cache, number).await.unwrap().is_some());
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cached_session_is_never_older_than_what_others_were_told() {
    let place = Place::new();
    let (here, there) = (open(&place), open(&place));
    assert!(create(&here, 1).await.unwrap());
    let mut from_the_cache = 0;
    for n in 1..1_500 {
        done(&put(&there, 1, &n.to_string()).await);
        // At once: nobody waits for the news.
        assert_eq!(value(&here, 1).await.unwrap(), Some(n.to_string()));
        if n % 50 == 0 {
            keep(&here, 1).await;
            from_the_cache += 1;
        }
    }
    assert!(from_the_cache > 10);
    assert!(there.delete(&key(1), now()).await.unwrap());
    assert_eq!(value(&here, 1).await.unwrap(), None, "somebody has logged out");
}

#[tokio::test(flavor = "multi_thread")]
async fn readers_beside_writers_go_forward_only() {
    let place = Place::new();
    let (here, there) = (Arc::new(open(&place)), open(&place));
    assert!(create(&*here, 1).await.unwrap());
    let readers: Vec<_> = (0..3)
        .map(|_| {
            let here = Arc::clone(&here);
            tokio::spawn(async move {
                let mut last = 0;
                while last < 600 {
                    let seen: u64 = value(&*here, 1).await.unwrap().unwrap().parse().unwrap();
                    assert!(seen >= last, "{seen} after {last}");
                    last = seen;
                    tokio::task::yield_now().await;
                }
            })
        })
        .collect();
    for n in 1..=600 {
        let writer = if n % 3 == 0 { &*here } else { &there };
        done(&put(writer, 1, &n.to_string()).await);
    }
    for reader in readers {
        tokio::time::timeout(Duration::from_secs(30), reader).await.expect("an end").unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_others_do_not_touch_stays_in_the_cache() {
    let place = Place::new();
    let (here, there) = (open(&place), open(&place));
    for number in 1..=3 {
        assert!(create(&here, number).await.unwrap());
    }
    keep(&here, 1).await;
    keep(&here, 3).await;
    done(&put(&here, 2, "1").await);
    assert!(here.peek(&key(1), now()).is_some(), "its own writes take nothing else away, not for a moment");
    for n in 0..20 {
        done(&put(&there, 2, &n.to_string()).await);
    }
    assert!(is_kept(&here, 1).await, "the writes of others take nothing else away");
    done(&rotate(&there, 3, 4).await);
    there.sweep(now()).await.unwrap();
    assert!(is_kept(&here, 1).await);
    assert_eq!(here.len(), 1, "of the changed sessions none is kept");
}

#[tokio::test(flavor = "multi_thread")]
async fn writers_that_tell_nothing_are_noticed() {
    let place = Place::new();
    let here = open(&place);
    assert!(create(&here, 1).await.unwrap());
    for attempt in 0..3 {
        keep(&here, 1).await;
        let prompt = "UPDATE sessions SET data = json_set(data, '$.n', ?), revision = revision + 1";
        place.sqlite().execute(prompt, [attempt]).unwrap();
        assert_eq!(value(&here, 1).await.unwrap(), Some(attempt.to_string()));
    }
    keep(&here, 1).await;
    place.sqlite().execute_batch("DELETE FROM changes; DELETE FROM sessions").unwrap();
    assert_eq!(value(&here, 1).await.unwrap(), None);
    // And what is told after that is heard.
    let there = open(&place);
    assert!(create(&here, 2).await.unwrap() && create(&there, 3).await.unwrap());
    keep(&here, 2).await;
    done(&put(&there, 3, "1").await);
    assert!(is_kept(&here, 2).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replaced_file_is_not_answered_for() {
    let place = Place::new();
    let here = open(&place);
    assert!(create(&here, 1).await.unwrap());
    keep(&here, 1).await;
    let moved = place.directory().join("moved.sqlite");
    fs::rename(place.file(), &moved).unwrap();
    let give_up = Instant::now() + Duration::from_secs(10);
    while here.peek(&key(1), now()).is_some() {
        assert!(Instant::now() < give_up, "nobody looks for the file");
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    fs::rename(&moved, place.file()).unwrap();
    keep(&here, 1).await;
}

#[derive(Default)]
struct Heard(Mutex<Vec<Option<StoreKey>>>);

impl Heard {
    fn take(&self) -> Vec<Option<StoreKey>> {
        std::mem::take(&mut *self.0.lock().unwrap())
    }

    /// What is heard until this key comes, in no particular order.
    async fn until(&self, last: StoreKey) -> Vec<Option<StoreKey>> {
        let (give_up, mut heard) = (Instant::now() + Duration::from_secs(10), Vec::new());
        while !heard.contains(&Some(last)) {
            assert!(Instant::now() < give_up, "not heard of: {heard:?}");
            tokio::time::sleep(Duration::from_millis(1)).await;
            heard.extend(self.take());
        }
        heard.sort();
        heard
    }
}

impl NewsListener for Heard {
    fn changed(&self, key: &StoreKey) {
        self.0.lock().unwrap().push(Some(*key));
    }

    fn missed(&self) {
        self.0.lock().unwrap().push(None);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_change_is_told_once_with_its_key() {
    let place = Place::new();
    let (here, there) = (place.open(), place.open());
    let heard = Arc::new(Heard::default());
    here.news().unwrap().listen(Arc::downgrade(&heard) as Weak<dyn NewsListener>);
    while !here.news().unwrap().is_current() {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    heard.take();
    for store in [&there, &here] {
        for number in 1..=4 {
            assert!(store.create(&key(number), alices().into(), now()).await.unwrap());
        }
        done(&put(store, 1, "1").await);
        assert_eq!(heard.until(key(1)).await, [Some(key(1))]);
        done(&rotate(store, 2, 9).await);
        assert_eq!(heard.until(key(2)).await, [Some(key(2))]);
        store.confirm_rotation(&key(9), now()).await.unwrap();
        assert!(store.delete(&key(2), now()).await.unwrap(), "by its alias");
        assert_eq!(heard.until(key(9)).await, [Some(key(9))]);
        assert_eq!(store.delete_all_of(&UserId::new("alice"), Some(&key(1)), now()).await.unwrap(), 2);
        assert_eq!(heard.until(key(4)).await, sorted([3, 4]));
        assert!(store.delete(&key(1), now()).await.unwrap());
        assert_eq!(heard.until(key(1)).await, [Some(key(1))]);
    }
    fn alices() -> crate::store::Record {
        let mut record = record(r#"{"n":0}"#);
        let identity = crate::store::Identity { user: UserId::new("alice"), authenticated_at: now() };
        record.meta.identity = Some(Arc::new(identity));
        record
    }
    fn sorted<const N: usize>(numbers: [u64; N]) -> Vec<Option<StoreKey>> {
        let mut keys: Vec<_> = numbers.into_iter().map(|number| Some(key(number))).collect();
        keys.sort();
        keys
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn old_news_is_not_kept() {
    let place = Place::new();
    let store = SqliteStore::builder().synchronous(Synchronous::Normal).open(place.file()).unwrap();
    assert!(create(&store, 1).await.unwrap());
    for n in 0..700 {
        done(&put(&store, 1, &n.to_string()).await);
    }
    let kept = place.count("changes");
    assert!((512..=576).contains(&kept), "{kept}");
}
