//! Tests of the rule book as a whole.
#![allow(clippy::unwrap_used)]

mod jar;
mod notes;
mod properties;
mod refusals;
mod retrieval;

use super::{Context, Jar, RequestUrl, Verdict};

/// The present time of all tests.
const NOW: i64 = 1_800_000_000;

fn url(text: &str) -> RequestUrl<'_> {
    RequestUrl::parse(text).unwrap()
}

/// The public suffixes of all tests.
fn is_public_suffix(domain: &str) -> bool {
    ["com", "example", "co.uk", "uk"].contains(&domain)
}

/// A jar that received these lines from a server at `from`.
fn jar_from(from: &str, lines: &[&str]) -> Jar {
    let from = url(from);
    let context = Context::http(&from).public_suffixes(&is_public_suffix);
    let mut jar = Jar::new();
    for line in lines {
        let verdict = jar.receive(line.as_bytes(), &context, NOW);
        assert!(!matches!(verdict, Verdict::Refused(_)), "{line}: {verdict:?}");
    }
    jar
}
