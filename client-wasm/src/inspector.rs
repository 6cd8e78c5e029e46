//! What the demo page's inspector calls: the whole rule book, as a module of its own, so that the npm package's stays
//! small.

use alloc::format;
use alloc::string::String;
use core::fmt::Write;

use twinjar_shared::cookie::{ReceivedCookie, SameSite};
use twinjar_shared::policy::{
    Candidate, Context, Notes, RequestUrl, Rule, SameSiteContext, StoredCookie, Verdict, judge,
};
use wasm_bindgen::prelude::wasm_bindgen;

/// What a browser does with a `Set-Cookie` line in the answer of `url`, or with what a script there writes, at `now`
/// (seconds since the Unix epoch).
///
/// One finding a line, its parts between tabs:
///
/// - `refused`, code, sentence
/// - `removed`: the cookie's time is over
/// - `rule`, name, code if the cookie breaks it, demand
/// - `row`, name, value, further word: how the cookie is stored
/// - `note`, code, sentence: what is stored otherwise than asked for
#[wasm_bindgen]
#[must_use]
pub fn explain(set_cookie: &str, url: &str, script: bool, cross_site: bool, now: f64) -> String {
    let mut findings = Findings(String::new());
    let line = header_value(set_cookie);
    let url = match RequestUrl::parse(url) {
        Ok(url) => url,
        Err(error) => {
            findings.add(&["refused", error.code(), error.message()]);
            return findings.0;
        }
    };
    let context = if script { Context::script(&url) } else { Context::http(&url) };
    let site = if cross_site { SameSiteContext::CrossSite } else { SameSiteContext::SameSite };
    let context = context.same_site(site);
    // The clock has whole seconds here; a page's time fits.
    #[expect(clippy::cast_possible_truncation, reason = "seconds since 1970 are far below 2^53")]
    let verdict = judge(line.as_bytes(), &context, &[], now as i64);
    match &verdict {
        Verdict::Refused(refusal) => findings.add(&["refused", refusal.code(), refusal.message()]),
        Verdict::Removed { notes, .. } => {
            findings.add(&["removed"]);
            findings.notes(*notes);
        }
        Verdict::Stored { cookie, notes, .. } => {
            findings.stored(cookie);
            findings.notes(*notes);
        }
    }
    if let Ok(received) = ReceivedCookie::parse(line.as_bytes()) {
        let candidate = Candidate::from(&received);
        for rule in Rule::ALL {
            let code = rule.check(&candidate, &context).err().map_or("", |refusal| refusal.code());
            findings.add(&["rule", &format!("{rule:?}"), code, rule.demand()]);
        }
    }
    findings.0
}

struct Findings(String);

impl Findings {
    fn add(&mut self, parts: &[&str]) {
        for (place, part) in parts.iter().enumerate() {
            if place > 0 {
                self.0.push('\t');
            }
            // No part brings a border of its own.
            self.0.extend(part.chars().map(|char| if char.is_control() { '\u{fffd}' } else { char }));
        }
        self.0.push('\n');
    }

    fn stored(&mut self, cookie: &StoredCookie) {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        self.add(&["row", "name", &text(&cookie.name)]);
        self.add(&["row", "value", &text(&cookie.value)]);
        self.add(&["row", "domain", &cookie.domain, if cookie.host_only { "host" } else { "below" }]);
        self.add(&["row", "path", &text(&cookie.path)]);
        self.add(&["row", "connection", if cookie.secure { "secure" } else { "any" }]);
        self.add(&["row", "scripts", if cookie.http_only { "hidden" } else { "open" }]);
        let cross = match cookie.same_site {
            Some(SameSite::Strict) => "never",
            Some(SameSite::None) => "always",
            Some(SameSite::Lax) | None => "links",
        };
        self.add(&["row", "cross", cross]);
        let mut until = String::new();
        if let Some(at) = cookie.expires {
            let _ = write!(until, "{at}");
        }
        self.add(&["row", "until", &until]);
    }

    fn notes(&mut self, notes: Notes) {
        for note in notes.iter() {
            self.add(&["note", note.code(), note.message()]);
        }
    }
}

/// What stands after `Set-Cookie:`, if that is there.
fn header_value(line: &str) -> &str {
    const NAME: &str = "set-cookie:";
    match line.split_at_checked(NAME.len()) {
        Some((name, value)) if name.eq_ignore_ascii_case(NAME) => value,
        _ => line,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: f64 = 1_800_000_000.0;
    const SHOP: &str = "https://shop.example/cart";

    #[test]
    fn a_cookie_is_shown_as_it_is_stored() {
        let findings = explain("Set-Cookie: a=1; Max-Age=60; Path=x", SHOP, false, false, NOW);
        for line in [
            "row\tname\ta\n",
            "row\tdomain\tshop.example\thost\n",
            "row\tpath\t/\n",
            "row\tuntil\t1800000060\n",
            "note\tpath_defaulted\t",
            "rule\tPrefix\t\thas the attributes",
        ] {
            assert!(findings.contains(line), "{line:?} is not in\n{findings}");
        }
    }

    #[test]
    fn a_refusal_names_the_broken_rule() {
        for (line, url, script, cross_site, code) in [
            ("__Host-a=1", SHOP, false, false, "host_prefix"),
            ("a=1; HttpOnly", SHOP, true, false, "http_only_from_script"),
            ("a=1", SHOP, false, true, "cross_site"),
        ] {
            let findings = explain(line, url, script, cross_site, NOW);
            assert!(findings.starts_with(&format!("refused\t{code}\t")), "{findings}");
            assert_eq!(findings.matches(code).count(), 2, "the rule is not marked: {findings}");
        }
        assert!(explain("a=1", "shop", false, false, NOW).starts_with("refused\turl_"));
        assert!(explain("a=1; Max-Age=0", SHOP, false, false, NOW).starts_with("removed\n"));
    }

    #[test]
    fn borders_are_the_modules_own() {
        let findings = explain("a=\u{85}b", SHOP, false, false, NOW);
        assert!(findings.contains("row\tvalue\t\u{fffd}b\n"), "{findings}");
    }
}
