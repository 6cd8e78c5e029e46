//! Says what a user agent does with a `Set-Cookie` header, and why.
//!
//! ```text
//! cargo run -p twinjar-shared --example explain -- --url https://a.example/ 'Set-Cookie: id=7; Path=/; Secure'
//! ```
//!
//! Ends with 0 if the cookie is stored (or removes one, as asked), 1 if it is refused, 2 if the question is wrong.

mod report;

use std::io::{self, IsTerminal, Write as _};
use std::process::ExitCode;
use std::time::{SystemTime, UNIX_EPOCH};

use clap::Parser;
use twinjar_shared::policy::{Context, Jar, RequestUrl, RuleSet, SameSiteContext, Verdict, single_label};

/// Says what a user agent does with a Set-Cookie header, and why.
#[derive(Parser)]
#[command(name = "explain")]
struct Question {
    /// The header, with or without "Set-Cookie:", or what a script assigns to document.cookie.
    set_cookie: String,

    /// The URL of the response, or of the page.
    #[arg(long)]
    url: String,

    /// A script sets the cookie, not a server.
    #[arg(long)]
    script: bool,

    /// It happens in a frame of, or a request from, another site.
    #[arg(long)]
    cross_site: bool,

    /// Judge by the letter of RFC 6265bis, without what browsers add to it.
    #[arg(long)]
    letter: bool,

    /// A cookie that a server set at the same URL before. May be given several times.
    #[arg(long, value_name = "SET_COOKIE")]
    existing: Vec<String>,

    /// A public suffix, besides all domains of one label. May be given several times.
    #[arg(long, value_name = "DOMAIN", default_value = "co.uk")]
    public_suffix: Vec<String>,

    /// The present time in seconds since the Unix epoch [default: the clock's].
    #[arg(long, allow_negative_numbers = true)]
    now: Option<i64>,
}

fn main() -> ExitCode {
    let colors = io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none();
    match answer(&Question::parse(), colors) {
        Ok((text, code)) => match io::stdout().write_all(text.as_bytes()) {
            Ok(()) => ExitCode::from(code),
            Err(_) => ExitCode::from(2),
        },
        Err(error) => {
            // Nobody is left to tell if this fails too.
            let _ = writeln!(io::stderr(), "explain: {error}");
            ExitCode::from(2)
        }
    }
}

/// The report, and the code to end with.
fn answer(question: &Question, colors: bool) -> Result<(String, u8), Box<dyn std::error::Error>> {
    let url = url::Url::parse(&question.url).map_err(|error| format!("{}: {error}", question.url))?;
    let url = RequestUrl::parse(url.as_str())?;
    let now = question.now.map_or_else(clock, Ok)?;
    let is_public_suffix =
        |domain: &str| single_label(domain) || question.public_suffix.iter().any(|suffix| suffix == domain);

    let response = Context::http(&url).public_suffixes(&is_public_suffix);
    let mut jar = Jar::new();
    for line in &question.existing {
        if let Verdict::Refused(refusal) = jar.receive(header_value(line), &response, now) {
            return Err(format!("--existing {line:?} is refused itself: {refusal}").into());
        }
    }

    let context = if question.script { Context::script(&url) } else { Context::http(&url) };
    let context = context
        .public_suffixes(&is_public_suffix)
        .rules(if question.letter { RuleSet::Rfc6265bis } else { RuleSet::Browsers })
        .same_site(if question.cross_site { SameSiteContext::CrossSite } else { SameSiteContext::SameSite });

    let report = report::Report::new(header_value(&question.set_cookie), context, jar.cookies(), now);
    Ok((report.text(colors), u8::from(report.is_refused())))
}

fn clock() -> Result<i64, Box<dyn std::error::Error>> {
    Ok(i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs())?)
}

/// What stands after `Set-Cookie:`, if that is there.
fn header_value(line: &str) -> &[u8] {
    let line = line.as_bytes();
    match line.split_at_checked("set-cookie:".len()) {
        Some((name, value)) if name.eq_ignore_ascii_case(b"set-cookie:") => value,
        _ => line,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use clap::Parser;

    use super::{Question, answer};

    fn ask(arguments: &[&str]) -> Result<(String, u8), String> {
        let all = ["explain", "--now", "1800000000"].iter().chain(arguments);
        let question = Question::try_parse_from(all).map_err(|error| error.to_string())?;
        answer(&question, false).map_err(|error| error.to_string())
    }

    #[test]
    fn rows() {
        let at = ["--url", "https://a.shop.example/x/y"];
        for (name, arguments, code, expected) in [
            ("stored", &["Set-Cookie: id=7"][..], 0, "Stored, new"),
            ("header name in lower case", &["set-cookie:id=7"], 0, "name                 id"),
            ("value alone", &["id=7; Max-Age=60"], 0, "Fri, 15 Jan 2027 08:01:00 GMT, in 60 seconds"),
            ("replaced", &["id=7", "--existing", "id=6"], 0, "Stored, in place of the cookie"),
            ("removed", &["id=; Max-Age=0", "--existing", "id=6"], 0, "it removes the cookie"),
            ("nothing to remove", &["id=; Max-Age=0"], 0, "there is none to remove"),
            ("stored differently", &["id=7; Path=x"], 0, "path_defaulted"),
            ("refused", &["__Host-id=7"], 1, "Refused: host_prefix"),
            ("refused by the browser alone", &["=a=b"], 1, "Refused: nameless_equals"),
            ("by the letter", &["=a=b", "--letter"], 0, "Stored, new"),
            ("by a script", &["id=7; HttpOnly", "--script"], 1, "Refused: http_only_from_script"),
            (
                "over an HttpOnly cookie",
                &["id=7", "--script", "--existing", "id=6; HttpOnly"],
                1,
                "broken               leaves HttpOnly cookies alone",
            ),
            ("from another site", &["id=7", "--cross-site"], 1, "Refused: cross_site"),
            (
                "public suffix",
                &["id=7; Domain=shop.example", "--public-suffix", "shop.example"],
                1,
                "domain_public",
            ),
            ("not even parsed", &["id=\u{1}"], 1, "Refused: control_character"),
        ] {
            let (text, ended) = ask(&[&at, arguments].concat()).unwrap();
            assert!(text.contains(expected), "{name}: {text}");
            assert!(!text.contains('\x1b'), "{name}: colours without being asked");
            assert_eq!(ended, code, "{name}");
        }
    }

    #[test]
    fn wrong_questions() {
        for (name, arguments, expected) in [
            ("no URL", &["id=7"][..], "--url"),
            ("no cookie", &["--url", "https://a.example/"], "SET_COOKIE"),
            ("not a URL", &["id=7", "--url", "a.example"], "relative URL"),
            ("not a URL of the web", &["id=7", "--url", "file:///etc"], "absolute URL"),
            ("time", &["id=7", "--url", "https://a.example/", "--now", "noon"], "--now"),
            (
                "existing",
                &["id=7", "--url", "http://a.example/", "--existing", "id=7; Secure"],
                "refused itself",
            ),
        ] {
            let error = ask(arguments).unwrap_err();
            assert!(error.contains(expected), "{name}: {error}");
        }
    }
}
