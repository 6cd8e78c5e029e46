//! The readable verdict.

use std::fmt::Write as _;

use twinjar_shared::cookie::{ReceivedCookie, SameSite, date};
use twinjar_shared::policy::{Candidate, Context, Refusal, Rule, StoredCookie, Verdict, judge};

/// A verdict and what led to it.
pub(crate) struct Report<'a> {
    set_cookie: &'a [u8],
    context: Context<'a>,
    now: i64,
    verdict: Verdict,
}

impl<'a> Report<'a> {
    pub(crate) fn new(
        set_cookie: &'a [u8],
        context: Context<'a>,
        existing: &[StoredCookie],
        now: i64,
    ) -> Self {
        let verdict = judge(set_cookie, &context, existing, now);
        Self { set_cookie, context, now, verdict }
    }

    pub(crate) fn is_refused(&self) -> bool {
        matches!(self.verdict, Verdict::Refused(_))
    }

    /// The whole report, in colours or plain.
    pub(crate) fn text(&self, colors: bool) -> String {
        let mut page = Page { text: String::new(), colors };
        self.outcome(&mut page);
        if let Ok(received) = ReceivedCookie::parse(self.set_cookie) {
            parsed(&received, &mut page);
            self.rules(&received, &mut page);
        }
        page.text
    }

    fn outcome(&self, page: &mut Page) {
        let notes = match &self.verdict {
            Verdict::Refused(refusal) => {
                page.line(Color::Red, &format!("Refused: {}", refusal.code()));
                page.line(Color::None, refusal.message());
                page.line(Color::None, refusal.section());
                return;
            }
            Verdict::Removed { removed, notes } => {
                let what =
                    if removed.is_some() { "it removes the cookie" } else { "there is none to remove" };
                page.line(Color::Green, &format!("Expired already: {what}"));
                notes
            }
            Verdict::Stored { cookie, replaced, notes } => {
                let how = if replaced.is_some() { "in place of the cookie that was there" } else { "new" };
                page.line(Color::Green, &format!("Stored, {how}"));
                self.stored(cookie, page);
                notes
            }
        };
        for note in notes.iter() {
            page.row(Color::Yellow, note.code(), note.message());
        }
    }

    fn stored(&self, cookie: &StoredCookie, page: &mut Page) {
        let below = if cookie.host_only { "that host alone" } else { "that domain and the hosts below it" };
        page.row(Color::None, "sent to", &format!("{}: {below}", cookie.domain));
        page.row(Color::None, "below", &readable(&cookie.path));
        page.row(
            Color::None,
            "over",
            if cookie.secure { "secure connections alone" } else { "any connection" },
        );
        page.row(Color::None, "scripts", if cookie.http_only { "cannot see it" } else { "can see it" });
        page.row(Color::None, "from other sites", from_other_sites(cookie.same_site));
        page.row(Color::None, "until", &self.until(cookie.expires));
    }

    fn until(&self, expires: Option<i64>) -> String {
        match expires {
            None => "the browser's session ends".to_owned(),
            Some(at) => format!("{}, in {} seconds", readable_date(at), at - self.now),
        }
    }

    fn rules(&self, received: &ReceivedCookie<'_>, page: &mut Page) {
        page.line(Color::None, "");
        page.line(Color::Bold, "Rules: the cookie");
        let candidate = Candidate::from(received);
        for rule in Rule::ALL {
            page.outcome(rule.check(&candidate, &self.context), rule.demand());
        }
        let (mut overlay, mut overwrite) = (Ok(()), Ok(()));
        match self.verdict {
            Verdict::Refused(refusal @ Refusal::SecureOverlay) => overlay = Err(refusal),
            Verdict::Refused(refusal @ Refusal::HttpOnlyOverwrite) => overwrite = Err(refusal),
            // Another rule has refused it: the cookies there were not looked at.
            Verdict::Refused(_) => return,
            Verdict::Stored { .. } | Verdict::Removed { .. } => {}
        }
        page.outcome(overlay, "leaves Secure cookies alone if it comes over an insecure connection");
        page.outcome(overwrite, "leaves HttpOnly cookies alone if a script sets it");
    }
}

fn parsed(received: &ReceivedCookie<'_>, page: &mut Page) {
    page.line(Color::None, "");
    page.line(Color::Bold, "As a user agent reads it");
    page.row(Color::None, "name", &readable(received.name.as_bytes()));
    page.row(Color::None, "value", &readable(received.value.as_bytes()));
    for attribute in received.attributes() {
        let name = readable(attribute.name.as_bytes());
        let value = readable(attribute.value.as_bytes());
        page.row(Color::None, &name, if value.is_empty() { "(no value)" } else { &value });
    }
}

fn from_other_sites(same_site: Option<SameSite>) -> &'static str {
    match same_site {
        Some(SameSite::Strict) => "never",
        Some(SameSite::Lax) => "only when a link is followed",
        Some(SameSite::None) => "always",
        None => "only when a link is followed (browsers take a missing SameSite for Lax)",
    }
}

fn readable_date(at: i64) -> String {
    date::format(at).map_or_else(|| format!("{at} seconds after 1970"), |date| date.as_str().to_owned())
}

fn readable(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).escape_debug().collect()
}

struct Page {
    text: String,
    colors: bool,
}

#[derive(Clone, Copy)]
enum Color {
    None,
    Bold,
    Red,
    Green,
    Yellow,
}

impl Page {
    fn line(&mut self, color: Color, text: &str) {
        self.write(color, text);
        self.text.push('\n');
    }

    fn row(&mut self, color: Color, key: &str, text: &str) {
        self.text.push_str("  ");
        self.write(color, &format!("{key:<20}"));
        self.line(Color::None, &format!(" {text}"));
    }

    fn outcome(&mut self, outcome: Result<(), Refusal>, demand: &str) {
        match outcome {
            Ok(()) => self.row(Color::Green, "kept", demand),
            Err(refusal) => self.row(Color::Red, "broken", &format!("{demand} ({})", refusal.code())),
        }
    }

    fn write(&mut self, color: Color, text: &str) {
        let code = match color {
            _ if !self.colors => None,
            Color::None => None,
            Color::Bold => Some(1),
            Color::Red => Some(31),
            Color::Green => Some(32),
            Color::Yellow => Some(33),
        };
        // Writing to a String cannot fail.
        let _ = match code {
            Some(code) => write!(self.text, "\x1b[{code}m{text}\x1b[0m"),
            None => write!(self.text, "{text}"),
        };
    }
}
