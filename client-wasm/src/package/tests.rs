use super::*;

/// As JavaScript cuts its own string.
fn cut(header: &str) -> Vec<(String, String)> {
    let units = header.encode_utf16().collect::<Vec<_>>();
    let ascii =
        units.iter().map(|&unit| if unit < 128 { unit as u8 as char } else { 'x' }).collect::<String>();
    let slice = |start: usize, end: usize| String::from_utf16_lossy(&units[start..end]);
    parse(&ascii).map(|[a, b, c, d]| (slice(a, b), slice(c, d))).collect()
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
    judge(&[name, value, domain, path, "www.shop.example", "/app/page"].join("\n"), flags)
}

const LAX: u32 = 2 << Flags::SAME_SITE_SHIFT;

#[test]
fn reasons_are_numbered_in_the_order_of_their_lists() {
    let place = |list: usize| u8::try_from(list + 2).expect("fewer than 255 reasons");
    let names = Refusal::ALL.len();
    let values = names + NameError::ALL.len();
    let paths = values + ValueError::ALL.len();

    assert_eq!(reason("a", "b", "", "/", LAX), 0);
    assert_eq!(reason("a", "b", "shop.example", "/", LAX | Flags::SECURE | Flags::HTTPS), 0);
    assert_eq!(reason("a", &"x".repeat(5000), "", "/", LAX), Refusal::TooLarge as u8 + 2);
    assert_eq!(reason("a", "b", "", "/", LAX | Flags::SECURE), Refusal::SecureOverInsecure as u8 + 2);
    assert_eq!(
        reason("a", "b", "", "/", 3 << Flags::SAME_SITE_SHIFT),
        Refusal::SameSiteNoneWithoutSecure as u8 + 2
    );
    assert_eq!(
        reason("a", "b", "", "/", LAX | Flags::PARTITIONED),
        Refusal::PartitionedWithoutSecure as u8 + 2
    );
    assert_eq!(reason("a b", "c", "", "/", LAX), place(names + NameError::NotAToken as usize));
    assert_eq!(reason("a", "b c", "", "/", LAX), place(values + ValueError::NotCookieOctets as usize));
    assert_eq!(reason("a", "b", "", "x", LAX), place(paths + PathError::NotAbsolute as usize));
    let last = place(paths + PathError::ALL.len());
    assert_eq!(reason("a", "b", "", &(String::from("/") + &"x".repeat(1024)), LAX), last);
    assert_eq!(reason("a", "b", &"x".repeat(1025), "/", LAX), last);
}

#[test]
fn a_removal_may_mean_any_name_that_browsers_keep_whole() {
    let removal = LAX | Flags::REMOVAL;
    for name in ["prefs[x]", "a b", "ü", "\"a\""] {
        assert_eq!(reason(name, "", "", "/", removal), 0, "{name}");
        assert_ne!(reason(name, "", "", "/", LAX), 0, "{name}");
    }
    for name in [" a", "a ", "a=b", "a;b", "a\u{1}", ""] {
        assert_ne!(reason(name, "", "", "/", removal), 0, "{name:?}");
    }
}

#[test]
fn a_line_feed_anywhere_is_a_control_character() {
    let refused = Refusal::ControlCharacter as u8 + 2;
    for [name, value, domain, path] in
        [["a\n", "b", "", "/"], ["a", "b\nc", "", "/"], ["a", "b", "\n", "/"], ["a", "b", "", "/\n"]]
    {
        assert_eq!(reason(name, value, domain, path, LAX), refused);
    }
    assert_eq!(judge("", LAX), refused);
    assert_eq!(judge("a\nb\n\n/\nhost", LAX), refused);
}

#[test]
fn a_path_that_hides_the_cookie_from_the_page_is_told() {
    for (path, elsewhere) in
        [("/", false), ("/app", false), ("/app/page", false), ("/ap", true), ("/shop", true)]
    {
        assert_eq!(reason("a", "b", "", path, LAX) == 1, elsewhere, "{path}");
    }
}
