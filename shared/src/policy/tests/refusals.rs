//! Every refusal, by a row that it refuses and a row beside it that it lets pass.

use super::super::{
    Api, Candidate, Context, Refusal, RuleSet, SameSiteContext, Verdict, check, judge, single_label,
};
use super::{NOW, is_public_suffix, jar_from, url};
use crate::cookie::SameSite;
use alloc::string::String;
use alloc::vec::Vec;
use alloc::{format, vec};

struct Row {
    name: &'static str,
    line: String,
    url: &'static str,
    api: Api,
    rules: RuleSet,
    same_site: SameSiteContext,
    existing: &'static [&'static str],
    expected: Option<Refusal>,
}

const HTTPS: &str = "https://a.shop.example/x/y";
const HTTP: &str = "http://a.shop.example/x/y";

fn row(name: &'static str, line: impl Into<String>, expected: Option<Refusal>) -> Row {
    Row {
        name,
        line: line.into(),
        url: HTTPS,
        api: Api::Http,
        rules: RuleSet::Browsers,
        same_site: SameSiteContext::SameSite,
        existing: &[],
        expected,
    }
}

impl Row {
    fn at(self, url: &'static str) -> Self {
        Self { url, ..self }
    }

    fn by_script(self) -> Self {
        Self { api: Api::Script, ..self }
    }

    fn by_the_letter(self) -> Self {
        Self { rules: RuleSet::Rfc6265bis, ..self }
    }

    fn within(self, same_site: SameSiteContext) -> Self {
        Self { same_site, ..self }
    }

    fn over(self, existing: &'static [&'static str]) -> Self {
        Self { existing, ..self }
    }

    fn verdict(&self) -> Verdict {
        let jar = jar_from(HTTPS, self.existing);
        let url = url(self.url);
        let context = match self.api {
            Api::Http => Context::http(&url),
            Api::Script => Context::script(&url),
        };
        let context = context.rules(self.rules).same_site(self.same_site).public_suffixes(&is_public_suffix);
        judge(self.line.as_bytes(), &context, jar.cookies(), NOW)
    }
}

fn limits() -> Vec<Row> {
    use Refusal::{ControlCharacter, Empty, NamelessEquals, NamelessPrefix, Tab, TooLarge};
    vec![
        row("NUL", "a=b\0", Some(ControlCharacter)),
        row("line feed in an attribute", "a=b; Path=/\n", Some(ControlCharacter)),
        row("DEL", "a=\x7f", Some(ControlCharacter)),
        row("C1 control, as UTF-8", "a=\u{85}", None),
        row("TAB within the value", "a=b\tc", Some(Tab)),
        row("TAB within the name", "a\tb=c", Some(Tab)),
        row("TAB within the value, by the letter", "a=b\tc", None).by_the_letter(),
        row("TAB around name and value", "\ta\t=\tb\t", None),
        row("4,096 octets", format!("n={}", "v".repeat(4095)), None),
        row("4,097 octets", format!("n={}", "v".repeat(4096)), Some(TooLarge)),
        row("4,098 octets in fewer characters", format!("nn={}", "é".repeat(2048)), Some(TooLarge)),
        row("only attributes", "; Path=/", Some(Empty)),
        row("nothing", "", Some(Empty)),
        row("equals sign alone", " = ", Some(Empty)),
        row("no value", "a=", None),
        row("no name", "=a", None),
        row("neither name nor equals sign", "a", None),
        row("nameless with an equals sign", "=a=b", Some(NamelessEquals)),
        row("nameless with an equals sign, by the letter", "=a=b", None).by_the_letter(),
        row("nameless, like __Secure-", "=__Secure-a", Some(NamelessPrefix)),
        row("nameless, like __host-, in lower case", "__host-a", Some(NamelessPrefix)),
        row("nameless, like __Http-", "=__Http-", Some(NamelessPrefix)),
        row("nameless, like __Host-Http-", "=__Host-Http-a=b", Some(NamelessPrefix)),
        row("nameless, prefix not at the start", "=x__Host-", None),
    ]
}

fn domains() -> Vec<Row> {
    use Refusal::{
        DomainChild, DomainForeign, DomainNotAscii, DomainPort, DomainPublicSuffix, DomainTrailingDot,
    };
    vec![
        row("the host", "a=b; Domain=a.shop.example", None),
        row("parent", "a=b; Domain=shop.example", None),
        row("leading dot", "a=b; Domain=.shop.example", None),
        row("letter case", "a=b; Domain=SHOP.Example", None),
        row("empty", "a=b; Domain=", None),
        row("last one counts", "a=b; Domain=other.example; Domain=shop.example", None),
        row("child", "a=b; Domain=b.a.shop.example", Some(DomainChild)),
        row("child with a leading dot", "a=b; Domain=.b.a.shop.example", Some(DomainChild)),
        row("foreign", "a=b; Domain=other.example", Some(DomainForeign)),
        row("sibling", "a=b; Domain=b.shop.example", Some(DomainForeign)),
        row("two leading dots", "a=b; Domain=..shop.example", Some(DomainForeign)),
        row("suffix within a label", "a=b; Domain=hop.example", Some(DomainForeign)),
        row("host within a longer label", "a=b; Domain=xa.shop.example", Some(DomainForeign)),
        row("port", "a=b; Domain=shop.example:443", Some(DomainPort)),
        row("trailing dot", "a=b; Domain=shop.example.", Some(DomainTrailingDot)),
        row("trailing dot, as the host", "a=b; Domain=shop.example.", None).at("https://a.shop.example./"),
        row("not ASCII", "a=b; Domain=bücher.example", Some(DomainNotAscii)),
        row("public suffix", "a=b; Domain=example", Some(DomainPublicSuffix)),
        row("public suffix of two labels", "a=b; Domain=co.uk", Some(DomainPublicSuffix))
            .at("https://shop.co.uk/"),
        row("public suffix that is the host", "a=b; Domain=co.uk", None).at("https://co.uk/"),
        row("host name of one label", "a=b; Domain=localhost", None).at("http://localhost/"),
        row("IPv4 itself", "a=b; Domain=127.0.0.1", None).at("http://127.0.0.1/"),
        row("part of IPv4", "a=b; Domain=0.0.1", Some(DomainForeign)).at("http://127.0.0.1/"),
        row("IPv6 elsewhere", "a=b; Domain=[::2]", Some(DomainForeign)).at("http://[::1]/"),
        row("overlong, so ignored", format!("a=b; Domain={}", "x".repeat(1025)), None),
    ]
}

fn security() -> Vec<Row> {
    use Refusal::{
        CrossSite, HttpOnlyFromScript, HttpOnlyOverwrite, PartitionedWithoutSecure,
        SameSiteNoneWithoutSecure, SecureOverInsecure, SecureOverlay,
    };
    use SameSiteContext::{CrossSite as FromOtherSite, CrossSiteNavigation};
    vec![
        row("Secure on plain http", "a=b; Secure", Some(SecureOverInsecure)).at(HTTP),
        row("Secure over a plain WebSocket", "a=b; Secure", Some(SecureOverInsecure))
            .at("ws://shop.example/"),
        row("Secure on localhost", "a=b; Secure", None).at("http://localhost:8080/"),
        row("Secure below localhost", "a=b; Secure", None).at("http://app.localhost/"),
        row("Secure on 127/8", "a=b; Secure", None).at("http://127.9.9.9/"),
        row("Secure on [::1]", "a=b; Secure", None).at("http://[::1]/"),
        row("HttpOnly from a script", "a=b; HttpOnly", Some(HttpOnlyFromScript)).by_script(),
        row("HttpOnly from a server", "a=b; HttpOnly", None),
        row("SameSite=None alone", "a=b; SameSite=None", Some(SameSiteNoneWithoutSecure)),
        row("SameSite=none in lower case", "a=b; samesite=none", Some(SameSiteNoneWithoutSecure)),
        row("SameSite=None overridden", "a=b; SameSite=None; SameSite=Lax", None),
        row("SameSite=None and Secure", "a=b; SameSite=None; Secure", None),
        row("Lax in a frame of another site", "a=b; SameSite=Lax", Some(CrossSite)).within(FromOtherSite),
        row("default in a frame of another site", "a=b", Some(CrossSite)).within(FromOtherSite).by_script(),
        row("None in a frame of another site", "a=b; SameSite=None; Secure", None).within(FromOtherSite),
        row("Strict, navigated from another site", "a=b; SameSite=Strict", None)
            .within(CrossSiteNavigation { safe_method: false }),
        row("Partitioned alone", "a=b; Partitioned", Some(PartitionedWithoutSecure)),
        row("Partitioned and Secure", "a=b; Partitioned; Secure", None),
        row("plain http over a Secure cookie", "a=b; Path=/", None).at(HTTP).over(&["a=1; Secure; Path=/x"]),
        row("plain http over a Secure cookie, below its path", "a=b; Path=/x/y", Some(SecureOverlay))
            .at(HTTP)
            .over(&["a=1; Secure; Path=/x"]),
        row("plain http over a Secure cookie of a parent", "a=b", Some(SecureOverlay))
            .at(HTTP)
            .over(&["a=1; Secure; Path=/; Domain=shop.example"]),
        row(
            "plain http over a Secure cookie of a child",
            "a=b; Path=/; Domain=shop.example",
            Some(SecureOverlay),
        )
        .at(HTTP)
        .over(&["a=1; Secure; Path=/"]),
        row("plain http, another name", "b=b", None).at(HTTP).over(&["a=1; Secure; Path=/"]),
        row("https over a Secure cookie", "a=b; Path=/", None).over(&["a=1; Secure; Path=/"]),
        row("script over an HttpOnly cookie", "a=b; Path=/", Some(HttpOnlyOverwrite))
            .by_script()
            .over(&["a=1; HttpOnly; Path=/"]),
        row("script removing an HttpOnly cookie", "a=; Path=/; Max-Age=0", Some(HttpOnlyOverwrite))
            .by_script()
            .over(&["a=1; HttpOnly; Path=/"]),
        row("script beside an HttpOnly cookie of another path", "a=b; Path=/x", None)
            .by_script()
            .over(&["a=1; HttpOnly; Path=/"]),
        row("script beside an HttpOnly cookie of a domain", "a=b; Path=/", None)
            .by_script()
            .over(&["a=1; HttpOnly; Path=/; Domain=a.shop.example"]),
        row("server over an HttpOnly cookie", "a=b; Path=/", None).over(&["a=1; HttpOnly; Path=/"]),
    ]
}

fn prefixes() -> Vec<Row> {
    use Refusal::{HostHttpPrefix, HostPrefix, HttpPrefix, SecureOverInsecure, SecurePrefix};
    vec![
        row("__Secure- alone", "__Secure-a=b", Some(SecurePrefix)),
        row("__secure- in another case", "__sEcUrE-a=b", Some(SecurePrefix)),
        row("__Secure- with Secure", "__Secure-a=b; Secure; Domain=shop.example", None),
        row("__Secure- with Secure on http", "__Secure-a=b; Secure", Some(SecureOverInsecure)).at(HTTP),
        row("__Host- with all", "__Host-a=b; Secure; Path=/", None),
        row("__Host- without Secure", "__Host-a=b; Path=/", Some(HostPrefix)),
        row("__Host- without Path", "__Host-a=b; Secure", Some(HostPrefix)),
        row("__Host- without Path, where the default is /", "__Host-a=b; Secure", Some(HostPrefix))
            .at("https://shop.example/"),
        row("__Host- with another Path", "__HOST-a=b; Secure; Path=/x", Some(HostPrefix)),
        row("__Host- with Domain", "__Host-a=b; Secure; Path=/; Domain=shop.example", Some(HostPrefix)),
        row("__Host- with an empty Domain", "__Host-a=b; Secure; Path=/; Domain=", None),
        row(
            "__Host- with the host's one label",
            "__Host-a=b; Secure; Path=/; Domain=localhost",
            Some(HostPrefix),
        )
        .at("https://localhost/"),
        row(
            "__Host- with the host's one label, by the letter",
            "__Host-a=b; Secure; Path=/; Domain=com",
            None,
        )
        .at("https://com/")
        .by_the_letter(),
        row("__Host- with the host's address", "__Host-a=b; Secure; Path=/; Domain=127.0.0.1", None)
            .at("http://127.0.0.1/"),
        row(
            "__Host- with the host's address, by the letter",
            "__Host-a=b; Secure; Path=/; Domain=127.0.0.1",
            Some(HostPrefix),
        )
        .at("http://127.0.0.1/")
        .by_the_letter(),
        row("__Host- with an empty Path", "__Host-a=b; Secure; Path=", Some(HostPrefix))
            .at("https://shop.example/"),
        row("__Host- with an empty Path, by the letter", "__Host-a=b; Secure; Path=", None)
            .at("https://shop.example/")
            .by_the_letter(),
        row("__Http- with all", "__Http-a=b; Secure; HttpOnly", None),
        row("__Http- without HttpOnly", "__Http-a=b; Secure", Some(HttpPrefix)),
        row("__http- without Secure", "__http-a=b; HttpOnly", Some(HttpPrefix)),
        row("__Http- from a script", "__Http-a=b; Secure", Some(HttpPrefix)).by_script(),
        row("__Host-Http- with all", "__Host-Http-a=b; Secure; HttpOnly; Path=/", None),
        row("__Host-Http- without HttpOnly", "__Host-Http-a=b; Secure; Path=/", Some(HostHttpPrefix)),
        row("__Host-Http- without Path", "__Host-Http-a=b; Secure; HttpOnly", Some(HostHttpPrefix)),
        row("prefix without its hyphen", "__Host_a=b", None),
        row("prefix not at the start", "x__Host-a=b", None),
    ]
}

#[test]
fn rows() {
    let rows = [limits(), domains(), security(), prefixes()].into_iter().flatten().collect::<Vec<_>>();
    for row in &rows {
        let refusal = match row.verdict() {
            Verdict::Refused(refusal) => Some(refusal),
            Verdict::Stored { .. } | Verdict::Removed { .. } => None,
        };
        assert_eq!(refusal, row.expected, "{}", row.name);
    }
    // A header cannot hold a separator where it is none.
    for refusal in Refusal::ALL.iter().filter(|&&refusal| refusal != Refusal::Separator) {
        assert!(rows.iter().any(|row| row.expected == Some(*refusal)), "no row for {refusal:?}");
    }
}

#[test]
fn a_scripts_write_in_parts() {
    let page = url(HTTPS);
    let context = Context::script(&page);
    for (name, write, expected) in [
        ("plain", Candidate::new("a", "b"), Ok(())),
        ("equals sign in the value", Candidate::new("a", "b=c"), Ok(())),
        ("equals sign in the name", Candidate::new("a=b", "c"), Err(Refusal::Separator)),
        ("semicolon in the name", Candidate::new("a;b", "c"), Err(Refusal::Separator)),
        ("semicolon in the value", Candidate::new("a", "b;c"), Err(Refusal::Separator)),
        ("semicolon in Path", Candidate::new("a", "b").path("/;Secure"), Err(Refusal::Separator)),
        ("semicolon in Domain", Candidate::new("a", "b").domain("shop.example;"), Err(Refusal::Separator)),
        ("line feed in Path", Candidate::new("a", "b").path("/\n"), Err(Refusal::ControlCharacter)),
        ("nothing", Candidate::new("", ""), Err(Refusal::Empty)),
        ("only spaces", Candidate::new(" ", "\t"), Err(Refusal::Empty)),
        ("spaces before a prefix", Candidate::new(" __Host-a", "b"), Err(Refusal::HostPrefix)),
        ("space after Path=/", Candidate::new("__Host-a", "b").path("/ ").secure(true), Ok(())),
        ("HttpOnly", Candidate::new("a", "b").http_only(true), Err(Refusal::HttpOnlyFromScript)),
        (
            "SameSite=None",
            Candidate::new("a", "b").same_site(SameSite::None),
            Err(Refusal::SameSiteNoneWithoutSecure),
        ),
        ("Partitioned", Candidate::new("a", "b").partitioned(true), Err(Refusal::PartitionedWithoutSecure)),
        ("single label", Candidate::new("a", "b").domain("example"), Err(Refusal::DomainPublicSuffix)),
        ("leading dot", Candidate::new("a", "b").domain(".shop.example"), Ok(())),
        ("dot alone", Candidate::new("a", "b").domain("."), Ok(())),
    ] {
        assert_eq!(check(&write, &context), expected, "{name}");
    }
}

#[test]
fn loopback_is_trusted_unless_told_otherwise() {
    let url = url("http://localhost/");
    let write = Candidate::new("a", "b").secure(true);
    assert_eq!(check(&write, &Context::http(&url)), Ok(()));
    let refused = check(&write, &Context::http(&url).trust_loopback(false));
    assert_eq!(refused, Err(Refusal::SecureOverInsecure));
}

#[test]
fn codes_are_distinct_words() {
    let mut codes = Refusal::ALL.iter().map(|refusal| refusal.code()).collect::<Vec<_>>();
    codes.sort_unstable();
    codes.dedup();
    assert_eq!(codes.len(), Refusal::ALL.len());
    for refusal in Refusal::ALL {
        assert!(refusal.code().bytes().all(|b| b.is_ascii_lowercase() || b == b'_'), "{refusal:?}");
        assert!(refusal.message().ends_with('.') && !refusal.section().is_empty(), "{refusal:?}");
    }
}

#[test]
fn without_a_list_one_label_is_a_public_suffix() {
    for (domain, expected) in [("com", true), ("localhost", true), ("com.", true), ("co.uk", false)] {
        assert_eq!(single_label(domain), expected, "{domain}");
    }
}
