//! Servers that refuse: a typed error, and nothing is lost.

use std::error::Error;
use std::time::{Duration, Instant};

use super::server::{Server, free_port};
use crate::store::test_support::hearing::until_current;
use crate::store::test_support::{create, done, fill, key, kind, now, put, rotate, value};
use crate::store::{NearCache, NearCacheLimits, News, RedisStore, SessionStore, StoreErrorKind, UserId};

#[tokio::test(flavor = "multi_thread")]
async fn a_full_server_refuses_and_loses_nothing() {
    let server = Server::start(&["--maxmemory", "3mb", "--maxmemory-policy", "noeviction"]);
    let store = server.store().await;
    let created = fill(&store, 20_000).await;
    assert_eq!(kind(put(&store, 0, "7").await), StoreErrorKind::Full);
    assert_eq!(kind(rotate(&store, 0, 5_000).await), StoreErrorKind::Full);
    for number in 0..created {
        assert_eq!(value(&store, number).await.unwrap(), Some(number.to_string()));
    }
    assert_eq!(value(&store, created).await.unwrap(), None, "a refused session is there");
    for number in 0..created / 2 {
        assert!(store.delete(&key(number), now()).await.unwrap(), "sessions can be ended");
    }
    assert!(create(&store, created).await.unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replica_can_be_read() {
    let server = Server::start(&[]);
    let store = server.store().await;
    assert!(create(&store, 1).await.unwrap());
    let master = free_port().to_string();
    let _: String = server.command(redis::cmd("REPLICAOF").arg("127.0.0.1").arg(master)).await;
    assert_eq!(value(&store, 1).await.unwrap().as_deref(), Some("0"));
    assert_eq!(kind(put(&store, 1, "1").await), StoreErrorKind::ReadOnly);
    assert_eq!(kind(create(&store, 2).await), StoreErrorKind::ReadOnly);
    let _: String = server.command(redis::cmd("REPLICAOF").arg("NO").arg("ONE")).await;
    done(&put(&store, 1, "2").await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_password_is_refused_and_not_repeated() {
    let server = Server::start(&["--requirepass", "right-password"]);
    let address = server.url().replace("redis://", "");
    for (case, url) in [
        ("wrong", format!("redis://:hunter2@{address}")),
        ("missing", format!("redis://{address}")),
        ("of nobody", format!("redis://nobody:hunter2@{address}")),
    ] {
        let error = match RedisStore::connect(url.parse().unwrap()).await {
            Err(error) => error,
            // Without a password Redis lets one connect, and do nothing.
            Ok(store) => store.ping().await.unwrap_err(),
        };
        assert_eq!(error.kind(), StoreErrorKind::Denied, "{case}: {:?}", error.source());
        let said = format!("{error} {error:?} {:?}", error.source().map(ToString::to_string));
        assert!(!said.contains("hunter2"), "{said}");
    }
    let store =
        RedisStore::connect(format!("redis://:right-password@{address}").parse().unwrap()).await.unwrap();
    assert!(create(&store, 1).await.unwrap());
    assert!(!format!("{store:?}").contains("right-password"));
}

#[tokio::test(flavor = "multi_thread")]
async fn few_permissions_suffice_and_without_tracking_the_rest_works() {
    let server = Server::start(&[]);
    let allow = |user: &str, rules: &str| {
        let mut command = redis::cmd("ACL");
        command.arg("SETUSER").arg(user).arg("on").arg(">hunter2").arg("~twinjar:*");
        command.arg(rules.split(' ').collect::<Vec<_>>());
        command
    };
    let documented = "+@read +@write +@scripting +@connection +time +cluster|slots";
    let _: String = server.command(&allow("whole", documented)).await;
    let _: String = server.command(&allow("deaf", &format!("{documented} -client|tracking"))).await;
    let connect = async |user: &str| {
        let url = format!("redis://{user}:hunter2@127.0.0.1:{}", server.port());
        RedisStore::connect(url.parse().unwrap()).await.unwrap()
    };
    for (number, user) in [(1, "whole"), (10, "deaf")] {
        let store = NearCache::new(connect(user).await, NearCacheLimits::default());
        assert!(create(&store, number).await.unwrap(), "{user}");
        done(&put(&store, number, "1").await);
        done(&rotate(&store, number, number + 1).await);
        store.confirm_rotation(&key(number + 1), now()).await.unwrap();
        drop(store.lock(&key(number)).await.unwrap());
        assert_eq!(value(&store, number + 1).await.unwrap().as_deref(), Some("1"), "{user}");
        assert_eq!(store.list(&UserId::new("alice"), now()).await.unwrap().len(), 1, "{user}");
        assert_eq!(store.delete_all_of(&UserId::new("alice"), None, now()).await.unwrap(), 1, "{user}");
        store.ping().await.unwrap();
        if user == "whole" {
            until_current(&store).await;
        } else {
            assert!(!store.news().is_some_and(News::is_current));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_not_there_is_not_waited_for() {
    let start = Instant::now();
    let url = format!("redis://:hunter2@127.0.0.1:{}/", free_port());
    let error = RedisStore::connect(url.parse().unwrap()).await.unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Unavailable);
    assert!(!format!("{error} {error:?}").contains("hunter2"));
    assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
}
