//! Servers that are killed, and stores that are killed or stand still.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use rustix::process::Signal;
use twinjar_tests::Server;

use crate::Store;
use crate::wire::Wire;

const WRITERS: usize = 8;

fn rounds() -> u32 {
    std::env::var("TWINJAR_KILL_ROUNDS").map_or(3, |rounds| rounds.parse().expect("a number of rounds"))
}

/// What each visitor was told last, after all have written for as long as `during` takes.
fn write(visitors: &mut [Wire], last: &mut [u64], during: impl FnOnce()) {
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        for (visitor, last) in visitors.iter_mut().zip(last) {
            let stop = &stop;
            scope.spawn(move || {
                while !stop.load(Ordering::Relaxed) {
                    match visitor.ask("POST", "/incr") {
                        Some((200, said)) => *last = said["session"]["n"].as_u64().expect("a number"),
                        Some((503, _)) => std::thread::sleep(Duration::from_millis(5)),
                        Some(other) => panic!("{other:?}"),
                        None => return,
                    }
                }
            });
        }
        during();
        stop.store(true, Ordering::Relaxed);
    });
}

/// Nothing that was acknowledged is missing, and at most the one write that was on its way is there beside.
fn compare(name: &str, round: u32, server: &Server, visitors: &[Wire], last: &mut [u64], unanswered: u64) {
    for (visitor, last) in visitors.iter().zip(last) {
        let kept = visitor.at(server).n("GET", "/read");
        assert!(kept >= *last, "{name}, round {round}: {last} was acknowledged, {kept} is there");
        assert!(kept <= *last + unanswered, "{name}, round {round}: {kept} is there, {last} was asked for");
        *last = kept;
    }
}

#[test]
fn a_killed_server_loses_nothing_that_was_acknowledged() {
    for store in Store::all() {
        let mut server = store.server(&[]);
        let mut visitors: Vec<_> = (0..WRITERS).map(|_| Wire::visitor(&server)).collect();
        let mut last = vec![1; WRITERS];
        for round in 0..rounds() {
            write(&mut visitors, &mut last, || {
                std::thread::sleep(Duration::from_millis(u64::from(100 + round % 10 * 23)));
                // SIGKILL.
                drop(server);
            });
            server = store.server(&[]);
            compare(store.name(), round, &server, &visitors, &mut last, 1);
            visitors.iter_mut().for_each(|visitor| *visitor = visitor.at(&server));
        }
        let written: u64 = last.iter().map(|last| last - 1).sum();
        assert!(written >= u64::from(rounds()), "only {written} writes were acknowledged");
        println!("{}: {} kills of the server, {written} writes, 0 missing", store.name(), rounds());
    }
}

#[test]
fn a_killed_store_loses_nothing_that_was_acknowledged() {
    for mut store in Store::all().into_iter().filter(|store| !matches!(store, Store::Sqlite(..))) {
        let server = store.server(&[]);
        let mut visitors: Vec<_> = (0..WRITERS).map(|_| Wire::visitor(&server)).collect();
        let mut last = vec![1; WRITERS];
        for round in 0..rounds() {
            // Answered 503, a write may have happened: one for each time that the store was away.
            write(&mut visitors, &mut last, || {
                std::thread::sleep(Duration::from_millis(u64::from(100 + round % 10 * 23)));
                store.kill();
            });
            store.restart();
            recovered(&server, &visitors[0]);
            compare(store.name(), round, &server, &visitors, &mut last, 1);
        }
        println!("{}: {} kills of the store, 0 writes missing", store.name(), rounds());
    }
}

#[test]
fn a_store_that_stands_still_is_answered_503_in_time() {
    for store in Store::all().into_iter().filter(|store| !matches!(store, Store::Sqlite(..))) {
        let server = store.server(&[]);
        let mut visitor = Wire::visitor(&server);
        store.signal(Signal::STOP);
        let start = Instant::now();
        // What a server has in memory is good for a second without word from the store.
        while store.may_lag() && visitor.at(&server).ask("GET", "/read").expect("an answer").0 == 200 {
            assert!(start.elapsed() < Duration::from_secs(12), "{}: it answers from memory", store.name());
        }
        let start = Instant::now();
        for (method, path) in [("GET", "/read"), ("POST", "/incr"), ("POST", "/new")] {
            let start = Instant::now();
            let said = visitor.at(&server).ask(method, path).expect("an answer");
            assert_eq!(said.0, 503, "{}: {method} {path}: {said:?}", store.name());
            assert!(start.elapsed() < Duration::from_secs(12), "{}: {:?}", store.name(), start.elapsed());
        }
        // What needs no session needs no store.
        assert_eq!(visitor.ask("GET", "/plain").expect("an answer").0, 200);
        println!("{}: three answers of 503 in {:?}", store.name(), start.elapsed());
        store.signal(Signal::CONT);
        recovered(&server, &visitor);
        let before = visitor.n("GET", "/read");
        assert_eq!(visitor.n("POST", "/incr"), before + 1);
    }
}

fn recovered(server: &Server, visitor: &Wire) {
    let give_up = Instant::now() + Duration::from_secs(30);
    while visitor.at(server).ask("GET", "/read").is_none_or(|said| said.0 != 200) {
        assert!(Instant::now() < give_up, "the server does not recover with its store");
        std::thread::sleep(Duration::from_millis(20));
    }
}
