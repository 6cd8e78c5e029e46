//! Inputs made to be slow. What is linear takes milliseconds for 1 MiB; what is quadratic takes minutes.

#![allow(missing_docs)]

use std::hint::black_box;
use std::time::{Duration, Instant};

use twinjar_shared::cookie::{CookieHeader, ReceivedCookie, date, percent};
use twinjar_shared::policy::{Context, RequestUrl, domain_match, judge};

/// Far above what an unoptimised build on a busy machine needs, far below what a quadratic task needs.
const LIMIT: Duration = Duration::from_secs(5);

fn assert_linear(name: &str, unit: &str, task: &dyn Fn(&[u8])) {
    let input = unit.repeat((1 << 20) / unit.len());
    let start = Instant::now();
    task(black_box(input.as_bytes()));
    let elapsed = start.elapsed();
    assert!(elapsed < LIMIT, "{name} of {unit:?} takes {elapsed:?} for 1 MiB");
}

const UNITS: [&str; 18] = [
    "a", "=", ";", " ", "\t ", "\"", "%", "%4", "%41", "a=b; ", "; ;", "a ", " a", "aa=", ";a", "1:", "1 ",
    "é",
];

#[test]
fn cookie_headers() {
    for unit in UNITS {
        assert_linear("splitting", unit, &|input| {
            for pair in CookieHeader::new(input).pairs() {
                black_box((pair, pair.value.unquoted().decode()));
            }
        });
        for name in ["a", "aaaaaaaaaaaaaaaa", ""] {
            assert_linear("finding", unit, &|input| {
                black_box(CookieHeader::new(input).get_all(name).count());
            });
        }
    }
}

#[test]
fn set_cookie_values() {
    for unit in UNITS {
        for start in ["a=b;", "a=b; Expires=", "a=b; Max-Age=", "a=b; Domain="] {
            assert_linear("parsing", unit, &|input| {
                let line = [start.as_bytes(), input].concat();
                let _ = black_box(ReceivedCookie::parse(&line));
            });
        }
    }
}

#[test]
fn verdicts() {
    let page = RequestUrl::parse("https://a.shop.example/x").expect("a URL");
    for unit in UNITS {
        assert_linear("judging", unit, &|input| {
            let line = [b"a=b;", input].concat();
            black_box(judge(&line, &Context::script(&page), &[], 0));
        });
        assert_linear("matching", unit, &|input| {
            let text = String::from_utf8_lossy(input);
            black_box((domain_match(&text, "a"), domain_match("a", &text), RequestUrl::parse(&text).is_ok()));
        });
    }
}

#[test]
fn dates_and_percent_codes() {
    for unit in UNITS {
        assert_linear("reading a date", unit, &|input| {
            black_box(date::parse(input));
        });
        assert_linear("percent-coding", unit, &|input| {
            let text = String::from_utf8_lossy(input);
            black_box((percent::encode(&text), percent::decode(&text)));
        });
    }
}
