//! A master, a replica, and a Sentinel that makes the one the other.

use std::time::{Duration, Instant};

use super::server::{Server, free_port};
use crate::store::test_support::hearing::until_current;
use crate::store::test_support::{create, done, kind, put, value};
use crate::store::{RedisAddress, RedisStore, RedisStoreBuilder, SessionStore, StoreErrorKind};

const PATIENCE: Duration = Duration::from_secs(120);

/// Killed with the test.
struct Group {
    master: Server,
    replica: Server,
    sentinel: Server,
}

impl Group {
    async fn start() -> Self {
        let master = Server::start(&[]);
        let follows = master.port().to_string();
        let replica =
            Server::start(&["--replicaof", "127.0.0.1", &follows, "--repl-diskless-sync-delay", "0"]);
        let sentinel = Server::start_sentinel(&format!(
            "sentinel monitor main 127.0.0.1 {follows} 1\n\
             sentinel down-after-milliseconds main 500\n\
             sentinel failover-timeout main 3000\n"
        ));
        let group = Self { master, replica, sentinel };
        let start = Instant::now();
        loop {
            let info: String = group.replica.command(redis::cmd("INFO").arg("replication")).await;
            let mut replicas = redis::cmd("SENTINEL");
            let known: Vec<redis::Value> = group.sentinel.command(replicas.arg("REPLICAS").arg("main")).await;
            if info.contains("master_link_status:up") && !known.is_empty() {
                return group;
            }
            assert!(start.elapsed() < PATIENCE, "the replica does not follow");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    fn address(&self, master: &str) -> RedisAddress {
        // The first one is not there.
        format!("redis+sentinel://127.0.0.1:{},127.0.0.1:{}/{master}", free_port(), self.sentinel.port())
            .parse()
            .unwrap()
    }
}

fn builder() -> RedisStoreBuilder {
    RedisStore::builder().timeout(Duration::from_millis(1_500))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failover_is_followed() {
    let mut group = Group::start().await;
    let store = builder().connect(group.address("main")).await.unwrap();
    assert!(create(&store, 1).await.unwrap());
    done(&put(&store, 1, "1").await);
    until_current(&store).await;
    group.replica.catch_up(&group.master).await;
    group.master.kill();
    assert_eq!(kind(put(&store, 1, "2").await), StoreErrorKind::Unavailable);
    let start = Instant::now();
    loop {
        let outcome = put(&store, 1, "3").await;
        if matches!(outcome, Ok(crate::store::Committed::Done(_))) {
            break;
        }
        if start.elapsed() > PATIENCE {
            let mut master = redis::cmd("SENTINEL");
            let known: Vec<String> = group.sentinel.command(master.arg("MASTER").arg("main")).await;
            let cause = outcome.as_ref().err().and_then(std::error::Error::source);
            panic!("the new master is not used: {outcome:?}, {cause:?}; Sentinel says {known:?}");
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    println!("the new master was written to after {:?}", start.elapsed());
    assert_eq!(value(&store, 1).await.unwrap().as_deref(), Some("3"));
    until_current(&store).await;
    let role: String = group.replica.command(redis::cmd("INFO").arg("replication")).await;
    assert!(role.contains("role:master"), "{role}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_master_that_nobody_knows_is_an_error() {
    let group = Group::start().await;
    let start = Instant::now();
    assert_eq!(kind(builder().connect(group.address("other")).await), StoreErrorKind::Unavailable);
    let nobody = format!("redis+sentinel://:hunter2@127.0.0.1:{}/main", free_port()).parse().unwrap();
    let error = builder().connect(nobody).await.unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Unavailable);
    let said = format!("{error} {error:?}");
    assert!(!said.contains("hunter2"), "{said}");
    assert!(start.elapsed() < Duration::from_secs(15), "{:?}", start.elapsed());
    let store = builder().connect(group.address("main")).await.unwrap();
    store.ping().await.unwrap();

    let mut setting = redis::cmd("CONFIG");
    let _: String = group.master.command(setting.arg("SET").arg("requirepass").arg("right-password")).await;
    let with = |password: &str| {
        let address = group.address("main").to_string().replace("://", &format!("://:{password}@"));
        builder().connect(address.parse().unwrap())
    };
    assert_eq!(kind(with("hunter2").await), StoreErrorKind::Denied);
    assert!(create(&with("right-password").await.unwrap(), 1).await.unwrap());
}
