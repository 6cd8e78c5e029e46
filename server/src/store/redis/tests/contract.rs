//! The contract, through one store and through two on one server; and what Redis is left with.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use super::server::{Server, name_of};
use crate::store::test_support::hearing::until_current;
use crate::store::test_support::{
    LIFE, RoundRobin, change, create, done, increment, key, now, outlive_aliases, put, record, rotate, set,
    value,
};
use crate::store::{
    Loaded, NearCache, NearCacheLimits, RedisAddress, RedisStore, SessionStore, StoreErrorKind, UserId,
    conformance,
};

/// Each call of the suite gets keys of its own, shared by several stores.
pub(super) async fn check_at(address: &RedisAddress, stores: usize) {
    let next = AtomicU64::new(0);
    conformance::check(|| async {
        let prefix = format!("case {}:", next.fetch_add(1, Ordering::Relaxed));
        let mut shared = Vec::new();
        for _ in 0..stores {
            let builder = RedisStore::builder().prefix(prefix.as_str());
            shared.push(builder.connect(address.clone()).await.unwrap());
        }
        RoundRobin::new(shared, ())
    })
    .await;
}

async fn check(stores: usize) {
    let server = Server::start(&[]);
    check_at(&server.address(), stores).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn it_is_kept_behind_a_near_cache() {
    let server = Server::start(&[]);
    let next = AtomicU64::new(0);
    conformance::check(|| async {
        let prefix = format!("case {}:", next.fetch_add(1, Ordering::Relaxed));
        let store = server.store_with(RedisStore::builder().prefix(prefix.as_str())).await;
        let store = NearCache::new(store, NearCacheLimits::default());
        until_current(&store).await;
        store
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn it_is_kept() {
    check(1).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn it_is_kept_by_two_stores_on_one_server() {
    check(2).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_servers_lose_no_update() {
    const EACH: usize = 100;
    let server = Server::start(&[]);
    let stores = [server.store().await, server.store().await];
    for number in [1, 2] {
        assert!(create(&stores[0], number).await.unwrap());
    }
    let mut tasks = tokio::task::JoinSet::new();
    for store in stores.iter().cycle().take(8) {
        let store = store.clone();
        tasks.spawn(async move {
            for _ in 0..EACH / 4 {
                increment(&store, 1).await;
                let _lock = store.lock(&key(2)).await.unwrap();
                let n: usize = value(&store, 2).await.unwrap().unwrap().parse().unwrap();
                tokio::task::yield_now().await;
                done(&put(&store, 2, &(n + 1).to_string()).await);
            }
        });
    }
    tasks.join_all().await;
    for (number, how) in [(1, "by revision"), (2, "under the lock")] {
        assert_eq!(value(&stores[0], number).await.unwrap(), Some((2 * EACH).to_string()), "{how}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_left_after_the_deadline() {
    const SHORT: Duration = Duration::from_millis(1_500);
    let server = Server::start(&[]);
    let store = server.store().await;
    for number in 0..3 {
        let mut record = record("{}");
        record.meta.idle_timeout = SHORT;
        record.meta.absolute_deadline = now() + SHORT * 2;
        record.deadline = now() + SHORT;
        assert!(store.create(&key(number), record.into(), now()).await.unwrap());
    }
    done(&rotate(&store, 0, 10).await);
    assert!(store.delete(&key(1), now()).await.unwrap());
    let keys: Vec<Vec<u8>> = server.command(redis::cmd("KEYS").arg("*")).await;
    assert_eq!(keys.len(), 5, "two sessions, an alias, its lineage, a user: {keys:?}");
    assert!(keys.iter().all(|key| key.starts_with(b"twinjar:")), "{keys:?}");
    tokio::time::sleep(SHORT * 3).await;
    let left: Vec<Vec<u8>> = server.command(redis::cmd("KEYS").arg("*")).await;
    assert!(left.is_empty(), "{left:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_index_of_a_user_rids_itself_of_ended_sessions() {
    let server = Server::start(&[]);
    let store = server.store().await;
    for number in 0..3 {
        assert!(create(&store, number).await.unwrap());
    }
    // Redis has removed one; the index does not know.
    let session = name_of(0);
    let _: i64 = server.command(redis::cmd("DEL").arg(session)).await;
    let indexed = || async { server.command::<i64>(redis::cmd("ZCARD").arg("twinjar:u:alice")).await };
    assert_eq!(indexed().await, 3);
    assert_eq!(store.list(&UserId::new("alice"), now()).await.unwrap().len(), 2);
    assert_eq!(indexed().await, 2);
    assert_eq!(store.delete_all_of(&UserId::new("alice"), None, now()).await.unwrap(), 2);
    assert_eq!(indexed().await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn old_aliases_make_room_for_new_ones() {
    let server = Server::start(&[]);
    let store = server.store().await;
    outlive_aliases(&store).await;
    let left: Vec<Vec<u8>> = server.command(redis::cmd("KEYS").arg("*")).await;
    assert!(left.is_empty(), "{} keys", left.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_another_server_changed_is_changed_from_there() {
    let server = Server::start(&[]);
    let [here, there] = [server.store().await, server.store().await];
    assert!(create(&here, 1).await.unwrap());
    let mut other = crate::store::Patch::default();
    other.set("theirs", serde_json::value::to_raw_value(&true).unwrap());
    done(&there.commit(&key(1), change(&other), now()).await);
    // Made from what this store has seen last, and again from what is there.
    done(&here.commit(&key(1), change(&set("1")), now()).await);
    let Some(Loaded::Live { record, .. }) = there.load(&key(1), now()).await.unwrap() else { panic!("lost") };
    assert_eq!((record.data.as_str(), record.revision), (r#"{"n":1,"theirs":true}"#, 3));
}

#[tokio::test(flavor = "multi_thread")]
async fn redis_keeps_a_session_as_long_as_it_lives() {
    let server = Server::start(&[]);
    let store = server.store().await;
    let name = name_of(1);
    let left = async || server.command::<u64>(redis::cmd("PTTL").arg(&name)).await;
    for has_user in [true, false] {
        let mut record = record(r#"{"n":0}"#);
        if !has_user {
            record.meta.identity = None;
        }
        record.deadline = now() + LIFE / 2;
        assert!(store.create(&key(1), record.into(), now()).await.unwrap());
        let half = left().await;
        done(&put(&store, 1, "1").await);
        let whole = left().await;
        for (left, life) in [(half, LIFE / 2), (whole, LIFE)] {
            let life = u64::try_from(life.as_millis()).unwrap();
            assert!((life - 60_000..=life).contains(&left), "{left} of {life} ms");
        }
        assert!(store.delete(&key(1), now()).await.unwrap());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_a_record_is_reported_and_kept() {
    let server = Server::start(&[]);
    let store = server.store().await;
    let session = name_of(1);
    for content in ["", "{}", "Broken", "\u{1}rest"] {
        let _: String = server.command(redis::cmd("SET").arg(&session).arg(content)).await;
        assert_eq!(
            store.load(&key(1), now()).await.unwrap_err().kind(),
            StoreErrorKind::Corrupt,
            "{content:?}"
        );
        let kept: String = server.command(redis::cmd("GET").arg(&session)).await;
        assert_eq!(kept, content);
    }
    let _: i64 = server.command(redis::cmd("DEL").arg(&session)).await;
    let _: i64 = server.command(redis::cmd("LPUSH").arg(&session).arg("a list")).await;
    assert_eq!(store.load(&key(1), now()).await.unwrap_err().kind(), StoreErrorKind::Corrupt);
}
