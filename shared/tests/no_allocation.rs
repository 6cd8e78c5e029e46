//! Reading headers, checking a script's write and verifying a signature allocate nothing: counted by the allocator.

#![allow(missing_docs, unsafe_code, clippy::unwrap_used)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::hint::black_box;

use twinjar_shared::cookie::{CookieHeader, ReceivedCookie, date, percent};
use twinjar_shared::policy::{Candidate, Context, RequestUrl, check, notes};

struct Counting;

thread_local! {
    static ALLOCATIONS: Cell<usize> = const { Cell::new(0) };
}

// SAFETY: every call goes to the system's allocator as it is; the counter has no destructor and does not allocate.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.set(ALLOCATIONS.get() + 1);
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// How many allocations `task` makes on this thread.
fn allocations(task: impl FnOnce()) -> usize {
    let before = ALLOCATIONS.get();
    task();
    ALLOCATIONS.get() - before
}

#[test]
fn the_counter_counts() {
    assert_eq!(allocations(|| drop(black_box(Box::new(1)))), 1);
}

#[test]
fn reading_a_cookie_header() {
    let header =
        (0..50).map(|i| format!("name{i}=\"value {i}\"; =; %zz\t=%41")).collect::<Vec<_>>().join(";");
    let header = CookieHeader::new(header.as_bytes());
    let count = allocations(|| {
        for pair in header.pairs() {
            black_box((pair.name.as_str(), pair.value.unquoted()));
        }
        for name in ["name0", "name49", "none", "", "a=b"] {
            black_box(header.get(name));
            black_box(header.get_all(name).count());
        }
        black_box(header.get("name7").unwrap().decode());
    });
    assert_eq!(count, 0);
}

#[test]
fn reading_a_set_cookie_value_and_dates() {
    let line =
        b"a=b; Domain=.shop.example; Path=/x; Expires=Wed, 21 Oct 2015 07:28:00 GMT; Max-Age=5; SameSite=Lax";
    let count = allocations(|| {
        black_box(ReceivedCookie::parse(line).unwrap());
        black_box(date::format(date::parse(b"Sunday, 06-Nov-94 08:49:37 GMT").unwrap()).unwrap().as_str());
        black_box((percent::encode("plain"), percent::decode("plain")));
    });
    assert_eq!(count, 0);
}

#[test]
fn checking_a_write() {
    let page = RequestUrl::parse("https://a.shop.example/x").unwrap();
    let count = allocations(|| {
        let page = black_box(Context::script(&page));
        let write = Candidate::new("theme", "dark").domain("Shop.example").path("y").secure(true);
        assert_eq!(check(&black_box(write), &page), Ok(()));
        assert!(!notes(&write, &page).is_empty());
        assert!(check(&write.http_only(true), &page).is_err());
    });
    assert_eq!(count, 0);
}

#[cfg(feature = "signed")]
#[test]
fn verifying_a_signature() {
    let ring = twinjar_shared::signature::KeyRing::from_secrets(["new", "keyboard cat"]).unwrap();
    let mac = ring.mac(&[b"a"]);
    let count = allocations(|| {
        let signed = black_box("s:apple.D8Y+pkTAmeR0PobOhY4G97PRW+j7bUnP/5m6/On1MCU");
        assert_eq!(ring.verify_cookie(signed).unwrap().key_index, 1);
        assert!(ring.verify("apple.forged").is_none());
        assert_eq!(ring.verify_mac(&[b"a"], &mac), Some(0));
    });
    assert_eq!(count, 0);
}
