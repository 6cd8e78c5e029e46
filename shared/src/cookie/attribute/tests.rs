use super::*;
use crate::cookie::{CookieName, CookieValue, NameError, Prefix, ValueError};

#[test]
fn names() {
    let rows = [
        ("plain", "theme", Ok(())),
        ("every character", "!#$%&'*+-.^_`|~09azAZ", Ok(())),
        ("empty", "", Err(NameError::Empty)),
        ("space", "a b", Err(NameError::NotAToken)),
        ("equals", "a=b", Err(NameError::NotAToken)),
        ("semicolon", "a;", Err(NameError::NotAToken)),
        ("brackets", "a[0]", Err(NameError::NotAToken)),
        ("slash", "a/b", Err(NameError::NotAToken)),
        ("control character", "a\n", Err(NameError::NotAToken)),
        ("non-ASCII", "ä", Err(NameError::NotAToken)),
    ];
    for (row, name, expected) in rows {
        assert_eq!(CookieName::new(name).map(|_| ()), expected, "{row}");
    }
}

#[test]
fn values() {
    let rows = [
        ("empty", "", true),
        ("plain", "a!#$%&'()*+-./:<=>?@[]^_`{|}~", true),
        ("quoted", "\"a\"", true),
        ("quoted nothing", "\"\"", true),
        ("one quote", "\"", false),
        ("quote inside", "a\"b", false),
        ("quoted space", "\"a b\"", false),
        ("space", "a b", false),
        ("comma", "a,b", false),
        ("semicolon", "a;b", false),
        ("backslash", "a\\b", false),
        ("delete", "\u{7f}", false),
        ("non-ASCII", "ä", false),
    ];
    for (row, value, valid) in rows {
        let expected = if valid { Ok(value) } else { Err(ValueError::NotCookieOctets) };
        let checked = CookieValue::new(value);
        assert_eq!(checked.as_ref().map(CookieValue::as_str).map_err(|&error| error), expected, "{row}");
    }
}

#[test]
fn domains() {
    let label = "a".repeat(63);
    let longest = alloc::format!("{label}.{label}.{label}.{}", "a".repeat(61));
    let rows = [
        ("host", "shop.example", Ok(())),
        ("one label", "localhost", Ok(())),
        ("digits", "127.0.0.1", Ok(())),
        ("A-label", "xn--mnchen-3ya.example", Ok(())),
        ("upper case", "Shop.Example", Ok(())),
        ("longest label", &label, Ok(())),
        ("longest", &longest, Ok(())),
        ("too long", &alloc::format!("{longest}a"), Err(DomainError::NotAHostName)),
        ("label too long", &alloc::format!("{label}a.example"), Err(DomainError::NotAHostName)),
        ("empty", "", Err(DomainError::Empty)),
        ("leading dot", ".shop.example", Err(DomainError::NotAHostName)),
        ("trailing dot", "shop.example.", Err(DomainError::NotAHostName)),
        ("empty label", "shop..example", Err(DomainError::NotAHostName)),
        ("leading hyphen", "-shop.example", Err(DomainError::NotAHostName)),
        ("trailing hyphen", "shop-.example", Err(DomainError::NotAHostName)),
        ("hyphen at the end", "shop.example-", Err(DomainError::NotAHostName)),
        ("port", "shop.example:80", Err(DomainError::NotAHostName)),
        ("underscore", "a_b.example", Err(DomainError::NotAHostName)),
        ("semicolon", "shop.example;x", Err(DomainError::NotAHostName)),
        ("space", "shop.example ", Err(DomainError::NotAHostName)),
        ("IPv6", "[::1]", Err(DomainError::NotAHostName)),
        ("U-label", "münchen.example", Err(DomainError::NotAHostName)),
    ];
    for (row, domain, expected) in rows {
        assert_eq!(Domain::new(domain).map(|_| ()), expected, "{row}");
    }
}

#[test]
fn domains_as_others_write_them() {
    let rows = [
        ("host", "shop.example", Ok(())),
        ("leading dot", ".shop.example", Ok(())),
        ("two", "..shop.example", Err(DomainError::NotAHostName)),
        ("nothing else", ".", Err(DomainError::NotAHostName)),
        ("trailing dot", ".shop.example.", Err(DomainError::NotAHostName)),
        ("empty", "", Err(DomainError::Empty)),
    ];
    for (row, domain, expected) in rows {
        assert_eq!(Domain::verbatim(domain).map(|_| ()), expected, "{row}");
    }
    assert_eq!(Domain::verbatim(".shop.example").map(Domain::as_str), Ok(".shop.example"));
}

#[test]
fn paths() {
    let rows = [
        ("root", "/", Ok(())),
        ("with anything", "/a b/<c>=\"d\",e\\?#", Ok(())),
        ("relative", "shop", Err(PathError::NotAbsolute)),
        ("empty", "", Err(PathError::NotAbsolute)),
        ("space before", " /", Err(PathError::NotAbsolute)),
        ("space behind", "/ ", Err(PathError::TrailingSpace)),
        ("semicolon", "/a;b", Err(PathError::NotAvOctets)),
        ("tab", "/a\t", Err(PathError::NotAvOctets)),
        ("line feed", "/a\nSet-Cookie: b", Err(PathError::NotAvOctets)),
        ("non-ASCII", "/ä", Err(PathError::NotAvOctets)),
    ];
    for (row, path, expected) in rows {
        assert_eq!(Path::new(path).map(|_| ()), expected, "{row}");
    }
    assert_eq!(Path::verbatim("shop ").map(Path::as_str), Ok("shop "));
    assert_eq!(Path::verbatim("a;b"), Err(PathError::NotAvOctets));
}

#[test]
fn keywords() {
    for same_site in [SameSite::Strict, SameSite::Lax, SameSite::None] {
        assert_eq!(SameSite::parse(same_site.as_str().to_uppercase().as_bytes()), Some(same_site));
    }
    for priority in [Priority::Low, Priority::Medium, Priority::High] {
        assert_eq!(Priority::parse(priority.as_str().to_uppercase().as_bytes()), Some(priority));
    }
    assert_eq!((SameSite::parse(b"Default"), Priority::parse(b"")), (None, None));
}

#[test]
fn prefixes() {
    for prefix in [Prefix::Secure, Prefix::Host, Prefix::Http, Prefix::HostHttp] {
        for name in [prefix.as_str().to_uppercase(), alloc::format!("{}id", prefix.as_str())] {
            assert_eq!(Prefix::of(name.as_bytes()), Some(prefix), "{name}");
        }
        let cut = prefix.as_str().trim_end_matches('-');
        assert_ne!(Prefix::of(cut.as_bytes()), Some(prefix), "{cut}");
    }
    assert_eq!(Prefix::of(b"__Host-Httpx"), Some(Prefix::Host));
}
