//! Three masters on free ports, each with a third of the slots.

use std::time::{Duration, Instant};

use super::server::{Relay, Server, free_port};
use crate::StoreKey;
use crate::store::test_support::hearing::{until_current, until_value};
use crate::store::test_support::{change, create, done, key, kind, now, put, rotate, set, value};
use crate::store::{
    Commit, Loaded, NearCache, NearCacheLimits, RedisAddress, RedisStore, Rotation, SessionStore,
    StoreErrorKind, UserId,
};

const PATIENCE: Duration = Duration::from_secs(60);

/// Killed with the test.
struct Cluster {
    nodes: Vec<Server>,
}

impl Cluster {
    async fn start() -> Self {
        let nodes: Vec<_> = (0..3)
            .map(|_| {
                let bus = free_port().to_string();
                let options =
                    ["--cluster-enabled", "yes", "--cluster-node-timeout", "2000", "--cluster-port", &bus];
                (Server::start(&options), bus)
            })
            .collect();
        for (index, (node, _)) in nodes.iter().enumerate() {
            let (first, last) = (index * 16384 / 3, (index + 1) * 16384 / 3 - 1);
            let mut slots = redis::cmd("CLUSTER");
            let _: String = node.command(slots.arg("ADDSLOTSRANGE").arg(first).arg(last)).await;
            let mut meet = redis::cmd("CLUSTER");
            meet.arg("MEET").arg("127.0.0.1").arg(nodes[0].0.port()).arg(&nodes[0].1);
            let _: String = node.command(&meet).await;
        }
        let cluster = Self { nodes: nodes.into_iter().map(|(node, _)| node).collect() };
        cluster.wait_until_it_is_whole().await;
        cluster
    }

    async fn wait_until_it_is_whole(&self) {
        let give_up = Instant::now() + Duration::from_secs(30);
        for node in &self.nodes {
            loop {
                let info: String = node.command(redis::cmd("CLUSTER").arg("INFO")).await;
                if info.contains("cluster_state:ok") && info.contains("cluster_known_nodes:3") {
                    break;
                }
                assert!(Instant::now() < give_up, "the cluster does not come together: {info}");
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
    }

    fn address(&self) -> RedisAddress {
        let nodes: Vec<_> = self.nodes.iter().map(|node| format!("127.0.0.1:{}", node.port())).collect();
        format!("redis+cluster://{}", nodes.join(",")).parse().unwrap()
    }

    async fn store(&self) -> RedisStore {
        RedisStore::connect(self.address()).await.unwrap()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_contract_is_kept() {
    let cluster = Cluster::start().await;
    super::contract::check_at(&cluster.address(), 1).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sessions_are_spread_and_keep_to_their_nodes() {
    let cluster = Cluster::start().await;
    let (here, there) = (cluster.store().await, cluster.store().await);
    for number in 0..60 {
        assert!(create(&here, number).await.unwrap());
        done(&put(&there, number, "1").await);
        assert_eq!(value(&here, number).await.unwrap().as_deref(), Some("1"));
    }
    for node in &cluster.nodes {
        let keys: u64 = node.command(&redis::cmd("DBSIZE")).await;
        assert!(keys > 10, "{keys} keys on one of three nodes");
    }
    // To a key of another group it does not move, and stays as it is.
    let far = (100..).find(|&to| !here.can_rotate(&key(0), &key(to))).unwrap();
    assert!(matches!(rotate(&here, 0, far).await.unwrap(), crate::store::Committed::Conflict));
    let near = (100..).find(|&to| here.can_rotate(&key(0), &key(to))).unwrap();
    done(&rotate(&here, 0, near).await);
    assert_eq!(value(&there, near).await.unwrap().as_deref(), Some("1"));
    assert_eq!(there.list(&UserId::new("alice"), now()).await.unwrap().len(), 60);
    assert_eq!(there.delete_all_of(&UserId::new("alice"), Some(&key(near)), now()).await.unwrap(), 59);
    assert!(here.delete(&key(0), now()).await.unwrap(), "by its alias");
    for node in &cluster.nodes {
        let left: Vec<Vec<u8>> = node.command(redis::cmd("KEYS").arg("*")).await;
        assert!(left.is_empty(), "{left:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_near_cache_hears_all_nodes() {
    let cluster = Cluster::start().await;
    let here = NearCache::new(cluster.store().await, NearCacheLimits::default());
    let there = cluster.store().await;
    until_current(&here).await;
    for number in 0..20 {
        assert!(create(&there, number).await.unwrap());
    }
    // The words of the creations may come after the first answers, and undo them.
    let start = Instant::now();
    while here.len() < 20 {
        for number in 0..20 {
            assert_eq!(value(&here, number).await.unwrap().as_deref(), Some("0"));
        }
        assert!(start.elapsed() < Duration::from_secs(20), "{} sessions are kept", here.len());
    }
    for number in 0..20 {
        done(&put(&there, number, "1").await);
    }
    for number in 0..20 {
        until_value(&here, number, Some("1")).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_node_that_is_gone_takes_its_sessions_along_and_no_others() {
    let mut cluster = Cluster::start().await;
    // The rest goes on without it.
    for node in &cluster.nodes {
        let mut setting = redis::cmd("CONFIG");
        setting.arg("SET").arg("cluster-require-full-coverage").arg("no");
        let _: String = node.command(&setting).await;
    }
    let store =
        RedisStore::builder().timeout(Duration::from_millis(500)).connect(cluster.address()).await.unwrap();
    for number in 0..30 {
        assert!(create(&store, number).await.unwrap());
    }
    cluster.nodes[2].kill();
    let (mut there, mut gone) = (0, 0);
    for number in 0..30 {
        match value(&store, number).await {
            Ok(found) => there += usize::from(found.is_some()),
            Err(error) => {
                assert_eq!(error.kind(), StoreErrorKind::Unavailable);
                gone += 1;
            }
        }
    }
    assert!(there > 5 && gone > 3 && there + gone == 30, "{there} are there, {gone} cannot be reached");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_replica_takes_over_and_is_heard() {
    let mut cluster = Cluster::start().await;
    let bus = free_port().to_string();
    let options = ["--cluster-enabled", "yes", "--cluster-node-timeout", "2000", "--cluster-port", &bus];
    let replica = Server::start(&options);
    let id: String = cluster.nodes[1].command(redis::cmd("CLUSTER").arg("MYID")).await;
    let mut meet = redis::cmd("CLUSTER");
    let known = cluster.nodes[0].port();
    meet.arg("MEET").arg("127.0.0.1").arg(replica.port()).arg(&bus);
    let _: String = cluster.nodes[0].command(&meet).await;
    let start = Instant::now();
    let mut replicate = redis::cmd("CLUSTER");
    replicate.arg("REPLICATE").arg(&id);
    while replica.try_command::<String>(&replicate).await.is_err() {
        assert!(start.elapsed() < PATIENCE, "the replica does not meet the node on port {known}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    loop {
        let info: String = replica.command(redis::cmd("INFO").arg("replication")).await;
        if info.contains("master_link_status:up") {
            break;
        }
        assert!(start.elapsed() < PATIENCE, "the replica does not follow");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }

    let store =
        RedisStore::builder().timeout(Duration::from_secs(1)).connect(cluster.address()).await.unwrap();
    until_current(&store).await;
    for number in 0..30 {
        assert!(create(&store, number).await.unwrap());
    }
    replica.catch_up(&cluster.nodes[1]).await;
    cluster.nodes[1].kill();
    let start = Instant::now();
    for number in 0..30 {
        loop {
            let outcome = put(&store, number, "1").await;
            if matches!(outcome, Ok(crate::store::Committed::Done(_))) {
                break;
            }
            if start.elapsed() > PATIENCE {
                let nodes: String = cluster.nodes[0].command(redis::cmd("CLUSTER").arg("NODES")).await;
                let cause = outcome.as_ref().err().and_then(std::error::Error::source);
                panic!("session {number} cannot be written: {outcome:?}, {cause:?}; {nodes}");
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
    println!("all sessions were written to after {:?}", start.elapsed());
    until_current(&store).await;
    let near = NearCache::new(store, NearCacheLimits::default());
    let other = cluster.store().await;
    for number in 0..30 {
        assert_eq!(value(&near, number).await.unwrap().as_deref(), Some("1"));
        done(&put(&other, number, "2").await);
        until_value(&near, number, Some("2")).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_password_is_told_as_such() {
    let cluster = Cluster::start().await;
    for node in &cluster.nodes {
        let mut setting = redis::cmd("CONFIG");
        let _: String = node.command(setting.arg("SET").arg("requirepass").arg("right-password")).await;
    }
    let connect = |password: &str| {
        let address = cluster.address().to_string().replace("://", &format!("://:{password}@"));
        RedisStore::connect(address.parse().unwrap())
    };
    let error = connect("hunter2").await.unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Denied, "{:?}", std::error::Error::source(&error));
    let said = format!("{error} {error:?}");
    assert!(!said.contains("hunter2"), "{said}");
    assert!(create(&connect("right-password").await.unwrap(), 1).await.unwrap());
}

/// One node with all slots, which is known by the address of a relay.
async fn behind_a_relay() -> (Server, Relay, RedisStore) {
    let bus = free_port().to_string();
    let node = Server::start(&["--cluster-enabled", "yes", "--cluster-port", &bus]);
    let relay = Relay::start(node.port()).await;
    let mut announce = redis::cmd("CONFIG");
    announce.arg("SET").arg("cluster-announce-ip").arg("127.0.0.1");
    let _: String = node.command(announce.arg("cluster-announce-port").arg(relay.port())).await;
    let mut slots = redis::cmd("CLUSTER");
    let _: String = node.command(slots.arg("ADDSLOTSRANGE").arg(0).arg(16383)).await;
    let start = Instant::now();
    loop {
        let info: String = node.command(redis::cmd("CLUSTER").arg("INFO")).await;
        if info.contains("cluster_state:ok") {
            break;
        }
        assert!(start.elapsed() < PATIENCE, "{info}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let address = format!("redis+cluster://127.0.0.1:{}", relay.port());
    let store = RedisStore::connect(address.parse().unwrap()).await.unwrap();
    (node, relay, store)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_node_may_have_done_is_not_done_again() {
    let (_node, relay, store) = behind_a_relay().await;
    // Redis knows the scripts from here on.
    for number in [1, 2, 3] {
        assert!(create(&store, number).await.unwrap());
    }
    let patch = set("1");
    let expecting = |revision| Commit { expected: Some(revision), ..change(&patch) };
    let to = |number| Rotation { to: near(&store, &key(2), number), alias: None };
    done(&store.commit(&key(2), expecting(1), now()).await);
    done(&store.rotate(&key(2), to(100), expecting(2), now()).await);
    let moved = near(&store, &key(2), 100);
    assert!(store.delete(&key(3), now()).await.unwrap());

    for case in ["commit", "rotate", "create", "delete"] {
        relay.lose_an_answer();
        let failed = match case {
            "commit" => store.commit(&key(1), expecting(1), now()).await.map(drop),
            "rotate" => store.rotate(&moved, to(200), expecting(3), now()).await.map(drop),
            "create" => create(&store, 4).await.map(drop),
            _ => store.delete(&key(1), now()).await.map(drop),
        };
        assert!(relay.has_lost_it(), "{case}");
        assert_eq!(kind(failed), StoreErrorKind::Unavailable, "{case}");
        let start = Instant::now();
        while store.ping().await.is_err() {
            assert!(start.elapsed() < PATIENCE, "the store does not recover");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        // It was done, once.
        match case {
            "commit" => assert_eq!(revision(&store, &key(1)).await, Some(2)),
            "rotate" => assert_eq!(revision(&store, &near(&store, &key(2), 200)).await, Some(4)),
            "create" => assert_eq!(revision(&store, &key(4)).await, Some(1)),
            _ => assert_eq!(revision(&store, &key(1)).await, None),
        }
    }
}

/// A key that a session can move to.
fn near(store: &RedisStore, from: &StoreKey, seed: u64) -> StoreKey {
    (seed * 100_000..).map(key).find(|to| store.can_rotate(from, to)).unwrap()
}

async fn revision(store: &RedisStore, key: &StoreKey) -> Option<u64> {
    match store.load(key, now()).await.unwrap() {
        Some(Loaded::Live { record, .. }) => Some(record.revision),
        _ => None,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn sessions_that_move_to_another_node_are_followed() {
    let cluster = Cluster::start().await;
    let store = cluster.store().await;
    assert!(create(&store, 1).await.unwrap());
    let name = [b"twinjar:{".as_slice(), format!("{:02x}", key(1).as_bytes()[0]).as_bytes(), b"}s:"].concat();
    let name = [&name[..], key(1).as_bytes()].concat();
    let slot: u64 = cluster.nodes[0].command(redis::cmd("CLUSTER").arg("KEYSLOT").arg(&name)).await;
    let mut holders = Vec::new();
    for node in &cluster.nodes {
        let held: u64 = node.command(redis::cmd("CLUSTER").arg("COUNTKEYSINSLOT").arg(slot)).await;
        let id: String = node.command(redis::cmd("CLUSTER").arg("MYID")).await;
        holders.push((held > 0, node, id));
    }
    holders.sort_by_key(|(holds, ..)| !holds);
    let [(true, from, from_id), (false, to, to_id), _] = &holders[..] else {
        panic!("one node holds the slot")
    };
    let setslot = async |node: &Server, how: &str, id: &str| {
        let mut set = redis::cmd("CLUSTER");
        let _: String = node.command(set.arg("SETSLOT").arg(slot).arg(how).arg(id)).await;
    };
    setslot(to, "IMPORTING", from_id).await;
    setslot(from, "MIGRATING", to_id).await;
    let mut keys = redis::cmd("CLUSTER");
    let keys: Vec<Vec<u8>> = from.command(keys.arg("GETKEYSINSLOT").arg(slot).arg(100)).await;
    let mut migrate = redis::cmd("MIGRATE");
    migrate.arg("127.0.0.1").arg(to.port()).arg("").arg(0).arg(5000).arg("KEYS").arg(keys);
    let _: String = from.command(&migrate).await;
    // Asked of the one, answered by the other.
    assert_eq!(value(&store, 1).await.unwrap().as_deref(), Some("0"));
    done(&put(&store, 1, "1").await);
    for node in [to, from] {
        setslot(node, "NODE", to_id).await;
    }
    done(&put(&store, 1, "2").await);
    assert_eq!(value(&store, 1).await.unwrap().as_deref(), Some("2"));
}
