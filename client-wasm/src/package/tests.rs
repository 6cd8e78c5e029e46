use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::*;

/// As JavaScript cuts its own string.
fn cut(header: &str) -> Vec<(String, String)> {
    let units = header.encode_utf16().collect::<Vec<_>>();
    let slice = |start: u32, end: u32| String::from_utf16_lossy(&units[start as usize..end as usize]);
    parse(header).as_chunks::<4>().0.iter().map(|&[a, b, c, d]| (slice(a, b), slice(c, d))).collect()
}

#[test]
fn positions_are_those_of_javascript() {
    let rows: [(&str, &[(&str, &str)]); 9] = [
        ("", &[]),
        ("a=1", &[("a", "1")]),
        ("a=1; b=2", &[("a", "1"), ("b", "2")]),
        ("a=; =b; c", &[("a", ""), ("", "b"), ("", "c")]),
        (" a = 1 ;; ;b=2;", &[("a", "1"), ("b", "2")]),
        ("a=b==c", &[("a", "b==c")]),
        ("ü=ä; b=2", &[("ü", "ä"), ("b", "2")]),
        ("🍪=1; 漢字=🍪🍪; b=2", &[("🍪", "1"), ("漢字", "🍪🍪"), ("b", "2")]),
        ("a=1; a=2", &[("a", "1"), ("a", "2")]),
    ];
    for (header, pairs) in rows {
        let pairs =
            pairs.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect::<Vec<_>>();
        assert_eq!(cut(header), pairs, "{header}");
    }
}

fn reason(name: &str, value: &str, domain: &str, path: &str, flags: u32) -> u8 {
    judge(name, value, domain, path, "www.shop.example", flags)
}

#[test]
fn reasons_are_numbered_in_the_order_of_their_lists() {
    const LAX: u32 = 2 << Flags::SAME_SITE_SHIFT;
    let place = |list: usize| u8::try_from(list + 1).expect("fewer than 256 reasons");
    let names = Refusal::ALL.len();
    let values = names + NameError::ALL.len();
    let domains = values + ValueError::ALL.len();
    let paths = domains + DomainError::ALL.len();

    assert_eq!(reason("a", "b", "", "/", LAX), 0);
    assert_eq!(reason("a", "b", "shop.example", "/", LAX | Flags::SECURE | Flags::HTTPS), 0);
    assert_eq!(reason("a", &"x".repeat(5000), "", "/", LAX), Refusal::TooLarge as u8 + 1);
    assert_eq!(reason("a", "b", "", "/", LAX | Flags::SECURE), Refusal::SecureOverInsecure as u8 + 1);
    assert_eq!(
        reason("a", "b", "", "/", 3 << Flags::SAME_SITE_SHIFT),
        Refusal::SameSiteNoneWithoutSecure as u8 + 1
    );
    assert_eq!(
        reason("a", "b", "", "/", LAX | Flags::PARTITIONED),
        Refusal::PartitionedWithoutSecure as u8 + 1
    );
    assert_eq!(reason("a b", "c", "", "/", LAX), place(names + NameError::NotAToken as usize));
    assert_eq!(reason("a", "b c", "", "/", LAX), place(values + ValueError::NotCookieOctets as usize));
    assert_eq!(reason("a", "b", "", "x", LAX), place(paths + PathError::NotAbsolute as usize));
    let long = String::from("/") + &"x".repeat(MAX_ATTRIBUTE);
    assert_eq!(reason("a", "b", "", &long, LAX), place(paths + PathError::ALL.len()));
}

#[test]
fn paths_match_by_whole_segments() {
    assert!(path_matches("/app/page", "/app") && path_matches("/app", "/app") && path_matches("/", "/"));
    assert!(!path_matches("/application", "/app") && !path_matches("/", "/app"));
}
