//! Two servers on one store.

use crate::Store;
use crate::wire::Wire;

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
            assert_eq!(visitor.at(&servers[1]).n("GET", "/read"), expected, "the other server agrees");
        }
    }
}

#[test]
fn a_logout_at_one_server_holds_at_the_other() {
    for store in Store::all() {
        let servers = [(); 2].map(|()| store.server(&[]));
        for _ in 0..20 {
            let mut visitor = Wire::visitor(&servers[0]);
            let mut elsewhere = visitor.at(&servers[1]);
            assert_eq!(elsewhere.n("GET", "/read"), 1);
            assert_eq!(visitor.ask("POST", "/logout").expect("an answer").0, 200);
            assert_eq!(elsewhere.n("GET", "/read"), 0, "{}", store.name());
        }
    }
}
