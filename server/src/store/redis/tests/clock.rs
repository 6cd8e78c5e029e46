//! A Redis whose clock is wrong, from the start or all at once.

use std::process::Command;
use std::time::Duration;

use tempfile::TempDir;

use super::contract::check_at;
use super::server::{Environment, Server};
use crate::UnixMillis;
use crate::store::test_support::{done, key, now, record, set};
use crate::store::{
    Commit, Committed, Loaded, Patch, RedisStore, Rotation, SessionStore, StoreError, Touch, UserId,
};

const HOUR: i64 = 3600;
/// How long the sessions live without being used, in seconds, and how long at most.
const IDLE: i64 = 2 * HOUR;
const ABSOLUTE: i64 = 3 * HOUR;
/// More than a test takes, in seconds: by so much Redis' clock may be ahead of what the test makes of it.
const SLACK: i64 = 120;

/// The clock of one Redis, faked.
struct FakeClock(TempDir);

impl FakeClock {
    fn new(off_by: i64) -> Self {
        let clock = Self(tempfile::tempdir().unwrap());
        clock.set(off_by);
        clock
    }

    /// So many seconds ahead.
    fn set(&self, off_by: i64) {
        let next = self.0.path().join("next");
        std::fs::write(&next, format!("{off_by:+}")).unwrap();
        std::fs::rename(next, self.0.path().join("now")).unwrap();
    }

    fn environment(&self) -> Environment {
        // It knows best where its library is.
        let faketime = Command::new("faketime").args(["-f", "+0", "printenv", "LD_PRELOAD"]).output();
        let library = faketime.expect("faketime is not installed: apt-get install faketime").stdout;
        let library = String::from_utf8(library).unwrap();
        vec![
            // Allocators that look at the clock themselves do not get on with it; that of libc does not.
            ("LD_PRELOAD", format!("{} libc.so.6", library.trim_end())),
            ("FAKETIME_TIMESTAMP_FILE", self.0.path().join("now").to_str().unwrap().to_owned()),
            ("FAKETIME_NO_CACHE", "1".to_owned()),
            ("FAKETIME_DONT_FAKE_MONOTONIC", "1".to_owned()),
        ]
    }
}

/// A Redis that is so many seconds ahead.
async fn start(off_by: i64) -> (FakeClock, Server) {
    let clock = FakeClock::new(off_by);
    let server = Server::start_in(clock.environment(), &[]);
    let true_time = || i64::try_from(now().as_millis() / 1000).unwrap();
    let before = true_time();
    let (time, _): (i64, i64) = server.command(&redis::cmd("TIME")).await;
    assert!((before..=true_time()).contains(&(time - off_by)), "its clock is not faked");
    (clock, server)
}

/// A store whose Redis is wrong about the time, and how much of it has passed since the start, in seconds.
struct Scene {
    server: Server,
    store: RedisStore,
    clock: FakeClock,
    off_by: i64,
    start: UnixMillis,
    passed: i64,
}

impl Scene {
    /// With five sessions, of which alice has the even ones.
    async fn start(off_by: i64) -> Self {
        let (clock, server) = start(off_by).await;
        let store = server.store().await;
        let scene = Self { server, store, clock, off_by, start: now(), passed: 0 };
        for number in 0..5 {
            scene.create(number, number % 2 == 0).await;
        }
        scene
    }

    fn at(&self, seconds: i64) -> UnixMillis {
        self.start + Duration::from_secs(seconds.try_into().unwrap())
    }

    fn now(&self) -> UnixMillis {
        self.at(self.passed)
    }

    fn pass(&mut self, to: i64) {
        self.passed = to;
        self.clock.set(self.off_by + to);
    }

    fn jump(&mut self, by: i64) {
        self.off_by += by;
        self.pass(self.passed);
    }

    async fn create(&self, number: u64, has_user: bool) {
        let mut record = record(r#"{"n":0}"#);
        (record.seen_at, record.meta.created_at) = (self.now(), self.now());
        record.deadline = self.at(self.passed + IDLE);
        record.meta.idle_timeout = Duration::from_secs(IDLE.try_into().unwrap());
        record.meta.absolute_deadline = self.at(self.passed + ABSOLUTE);
        if !has_user {
            record.meta.identity = None;
        }
        assert!(self.store.create(&key(number), record.into(), self.now()).await.unwrap());
    }

    fn visit(&self) -> Touch {
        Touch { deadline: self.at(self.passed + IDLE), seen_at: self.now() }
    }

    async fn touch(&self, number: u64) -> bool {
        self.store.touch(&key(number), self.visit(), self.now()).await.unwrap()
    }

    async fn commit(&self, number: u64) -> Result<Committed, StoreError> {
        let commit = Commit { patch: &set("1"), expected: None, touch: self.visit(), meta: None };
        self.store.commit(&key(number), commit, self.now()).await
    }

    async fn rotate(&self, number: u64, to: u64) {
        let rotation = Rotation { to: key(to), alias: Some([7; 16]) };
        let commit = Commit { patch: &Patch::default(), expected: None, touch: self.visit(), meta: None };
        done(&self.store.rotate(&key(number), rotation, commit, self.now()).await);
    }

    /// Which of these numbers lead to a session.
    async fn live(&self) -> Vec<u64> {
        let mut live = Vec::new();
        for number in 0..10 {
            match self.store.load(&key(number), self.now()).await.unwrap() {
                Some(Loaded::Live { .. } | Loaded::Alias(_)) => live.push(number),
                Some(Loaded::Retired { .. }) => panic!("nobody has confirmed the rotation"),
                None => {}
            }
        }
        live
    }

    /// Under which numbers alice has sessions, as her list says.
    async fn alices(&self) -> Vec<u64> {
        let listed = self.store.list(&UserId::new("alice"), self.now()).await.unwrap();
        (0..10).filter(|number| listed.iter().any(|(listed, _)| *listed == key(*number))).collect()
    }

    /// Uses those with these numbers in one way or another: a session of alice's, nobody's, and another of alice's.
    async fn use_them(&self, [touched, nobodys, alices]: [u64; 3]) {
        assert!(self.touch(touched).await);
        done(&self.commit(nobodys).await);
        done(&self.commit(alices).await);
    }

    /// All names in Redis.
    async fn names(&self) -> Vec<Vec<u8>> {
        self.server.command(redis::cmd("KEYS").arg("*")).await
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_contract_is_kept_whatever_redis_takes_for_the_time() {
    for off_by in [HOUR, -HOUR] {
        let (_clock, server) = start(off_by).await;
        check_at(&server.address(), 1).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn with_a_clock_that_was_always_wrong_sessions_live_as_long_as_they_should() {
    for off_by in [HOUR, -HOUR] {
        let mut scene = Scene::start(off_by).await;
        scene.create(5, true).await;
        scene.pass(HOUR);
        scene.use_them([2, 3, 4]).await;
        scene.rotate(5, 6).await;

        scene.pass(IDLE - SLACK);
        assert_eq!((scene.live().await, scene.alices().await), (vec![0, 1, 2, 3, 4, 5, 6], vec![0, 2, 4, 6]));
        scene.pass(IDLE);
        assert_eq!((scene.live().await, scene.alices().await), (vec![2, 3, 4, 5, 6], vec![2, 4, 6]));
        assert!(!scene.touch(0).await);
        assert_eq!(scene.commit(1).await.unwrap(), Committed::Gone);

        scene.pass(HOUR + IDLE - SLACK);
        assert_eq!((scene.live().await, scene.alices().await), (vec![2, 3, 4, 5, 6], vec![2, 4, 6]));
        scene.pass(HOUR + IDLE);
        assert_eq!((scene.live().await, scene.alices().await), (vec![], vec![]));
        let (alice, now) = (UserId::new("alice"), scene.now());
        assert_eq!(
            scene.store.delete_all_of(&alice, None, now).await.unwrap(),
            0,
            "there was nobody to log out"
        );

        // Their keys are free, whatever Redis still has.
        scene.create(3, false).await;
        scene.create(4, true).await;
        assert_eq!((scene.live().await, scene.alices().await), (vec![3, 4], vec![4]));
        scene.pass(HOUR + IDLE * 2 + SLACK - off_by.min(0));
        assert!(scene.names().await.is_empty(), "off by {off_by}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn when_the_clock_is_set_forward_what_is_used_afterwards_ends_no_earlier() {
    let mut scene = Scene::start(0).await;
    scene.pass(SLACK);
    scene.jump(HOUR);
    scene.use_them([2, 3, 4]).await;
    scene.pass(IDLE - HOUR - SLACK);
    assert_eq!((scene.live().await, scene.alices().await), (vec![0, 1, 2, 3, 4], vec![0, 2, 4]));
    scene.pass(IDLE - HOUR);
    assert_eq!((scene.live().await, scene.alices().await), (vec![2, 3, 4], vec![2, 4]), "early by an hour");
    scene.pass(IDLE);
    assert_eq!((scene.live().await, scene.alices().await), (vec![2, 3, 4], vec![2, 4]));
    scene.pass(IDLE + SLACK);
    assert_eq!((scene.live().await, scene.alices().await), (vec![], vec![]));
    scene.pass(IDLE + SLACK * 2);
    assert!(scene.names().await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn when_the_clock_is_set_back_nobody_lives_longer() {
    let mut scene = Scene::start(0).await;
    scene.pass(SLACK);
    scene.jump(-HOUR);
    scene.use_them([2, 3, 4]).await;
    scene.pass(IDLE - SLACK);
    assert_eq!((scene.live().await, scene.alices().await), (vec![0, 1, 2, 3, 4], vec![0, 2, 4]));
    scene.pass(IDLE);
    assert_eq!((scene.live().await, scene.alices().await), (vec![2, 3, 4], vec![2, 4]));
    scene.pass(IDLE + SLACK);
    assert_eq!((scene.live().await, scene.alices().await), (vec![], vec![]));
    scene.pass(IDLE + SLACK * 2 + HOUR);
    assert!(scene.names().await.is_empty(), "an hour late, Redis has removed it all");
}
