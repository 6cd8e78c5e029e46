//! Two servers on one store.

use std::time::{Duration, Instant};

use serde_json::Value;
use twinjar_tests::{Connection, Curl, report};

use crate::Store;
use crate::wire::Wire;

/// How long anything may take on a machine that does much else.
const PATIENCE: Duration = Duration::from_secs(10);

const LOGOUTS: usize = 100;

const VISITORS: u64 = 4;
const EACH: u64 = 25;

#[test]
fn two_servers_lose_no_update() {
    for store in Store::all() {
        for (locking, way) in [("merge", "/incr"), ("exclusive", "/incr"), ("exclusive", "/slow-write")] {
            let servers = [(); 2].map(|()| store.server(&[("LOCKING", locking)]));
            let mut visitor = Wire::visitor(&servers[0]);
            std::thread::scope(|scope| {
                for number in 0..2 * VISITORS {
                    let mut writer = visitor.at(&servers[(number % 2) as usize]);
                    scope.spawn(move || {
                        for _ in 0..EACH {
                            let said = writer.ask("POST", way).expect("an answer");
                            assert_eq!(said.0, 200, "{said:?}");
                        }
                    });
                }
            });
            let expected = 1 + 2 * VISITORS * EACH;
            assert_eq!(visitor.n("GET", "/read"), expected, "{}, {locking} {way}", store.name());
            let mut elsewhere = visitor.at(&servers[1]);
            let late = until(&store, || elsewhere.n("GET", "/read") == expected);
            assert!(late < PATIENCE, "{}: the other server does not agree", store.name());
        }
    }
}

#[test]
fn a_logout_at_one_server_holds_at_the_other() {
    for store in Store::all() {
        let servers = [(); 2].map(|()| store.server(&[]));
        let mut times = Vec::new();
        for _ in 0..LOGOUTS {
            let mut visitor = Wire::visitor(&servers[0]);
            let mut elsewhere = visitor.at(&servers[1]);
            assert_eq!(elsewhere.n("GET", "/read"), 1);
            assert_eq!(visitor.ask("POST", "/logout").expect("an answer").0, 200);
            times.push(until(&store, || elsewhere.n("GET", "/read") == 0));
        }
        times.sort();
        let (median, last) = (times[LOGOUTS / 2], times[LOGOUTS * 99 / 100 - 1]);
        report(&format!(
            "a logout holds at another server after {median:?} (median), {last:?} (99 %): {}",
            store.name()
        ));
        // A busy machine may be late, by ten times what is promised.
        assert!(last < Duration::from_millis(500), "{}: {last:?}", store.name());
    }
}

/// How long until the condition holds: at once, but where servers may lag behind each other.
fn until(store: &Store, mut condition: impl FnMut() -> bool) -> Duration {
    let start = Instant::now();
    while !condition() {
        assert!(store.may_lag(), "{}: it does not hold at once", store.name());
        assert!(start.elapsed() < PATIENCE, "{}: it does not come to hold", store.name());
    }
    start.elapsed()
}

/// What the event stream of a session on one server says, once another session of the user has done something on the
/// other.
fn told(store: &Store, act: impl Fn(&Curl, &str)) -> String {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let secrets = folder.path().join("secrets");
    std::fs::write(&secrets, "a secret that both of the servers have\n").expect("a file can be written");
    let secrets = secrets.to_str().expect("a path of this test's own");
    let servers = [(); 2].map(|()| store.demo(secrets));
    let [phone, laptop] = [0, 1].map(|number: usize| Curl::new(&servers[number]));
    for visitor in [&phone, &laptop] {
        let account = r#"{"username":"alice","password":"wonderland"}"#;
        assert_eq!(visitor.write("POST", "/api/login", account).status, 204);
    }
    let devices = laptop.get("/api/session/devices").json();
    let devices = devices.as_array().expect("a list").iter();
    let mut others = devices.filter(|device| device["current"] == false).map(|device| &device["handle"]);
    let handle = others.next_back().and_then(Value::as_str).expect("two devices").to_owned();
    let id = phone.session_cookie().expect("a session");
    let mut stream = Connection::open(servers[0].origin());
    stream.send(&format!(
        "GET /api/session/events HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {}={}\r\n\r\n",
        id.name, id.value
    ));
    assert!(stream.some().starts_with("HTTP/1.1 200 "), "{}", store.name());
    act(&laptop, &handle);
    // Until it ends.
    stream.rest()
}

#[test]
fn a_session_that_is_revoked_at_one_server_hears_it_at_the_other() {
    for store in Store::all().iter().filter(|store| store.has_news()) {
        let one = told(store, |laptop, handle| {
            assert_eq!(laptop.act("DELETE", &format!("/api/session/devices/{handle}")).status, 204);
        });
        let all = told(store, |laptop, _| {
            assert_eq!(laptop.act("POST", "/api/session/devices/revoke-others").status, 200);
        });
        for said in [one, all] {
            assert!(said.contains(r#"{"type":"ended","reason":"revoked"}"#), "{}: {said}", store.name());
        }
    }
}
