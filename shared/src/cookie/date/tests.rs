#![allow(clippy::unwrap_used)]

use alloc::format;
use alloc::string::ToString;

use super::*;

/// The dates that set every part of `1994-11-06T08:49:37Z`, and those that do not.
#[test]
fn parsing() {
    const SOME: Option<i64> = Some(784_111_777);
    let rows: &[(&str, &str, Option<i64>)] = &[
        ("IMF-fixdate", "Sun, 06 Nov 1994 08:49:37 GMT", SOME),
        ("RFC 850", "Sunday, 06-Nov-94 08:49:37 GMT", SOME),
        ("asctime", "Sun Nov  6 08:49:37 1994", SOME),
        ("other order", "1994 6 nov 8:49:37", SOME),
        ("time first", "08:49:37 06 Nov 94", SOME),
        ("time zone ignored", "Sun, 06 Nov 1994 08:49:37 +0900", SOME),
        ("long month", "06 november 1994 08:49:37", SOME),
        ("month with digits behind", "06 nov94 1994 08:49:37", SOME),
        ("time with text behind", "06 Nov 1994 08:49:37GMT", SOME),
        ("day with text behind", "06th Nov 1994 08:49:37", SOME),
        ("year with text behind", "06 Nov 1994AD 08:49:37", SOME),
        ("all delimiters", "\t!\"06#$%&Nov'()*+,-./1994;<=>?@08:49:37[\\]^_`{|}~", SOME),
        ("second time is ignored", "06 Nov 1994 08:49:37 23:59:59", SOME),
        ("second year is ignored", "06 Nov 1994 08:49:37 2020", SOME),
        ("third number is no day", "06 1994 08:49:37 Nov 31", SOME),
        ("two-digit year of two days", "06 94 Nov 08:49:37", SOME),
        ("control characters are no delimiters", "06\u{1}x Nov 1994\u{7f} 08:49:37\u{ff}", SOME),
        ("year of three digits", "06 Nov 994 08:49:37", None),
        ("year of five digits", "06 Nov 01994 08:49:37", None),
        ("day of three digits", "006 Nov 1994 08:49:37", None),
        ("hour of three digits", "06 Nov 1994 008:49:37", None),
        ("second of three digits", "06 Nov 1994 08:49:037", None),
        ("no seconds", "06 Nov 1994 08:49", None),
        ("no time", "06 Nov 1994", None),
        ("no year", "06 Nov 08:49:37", None),
        ("no day", "Nov 1994 08:49:37", None),
        ("no month", "06 11 1994 08:49:37", None),
        ("misspelt month", "06 Nvo 1994 08:49:37", None),
        ("day 0", "00 Nov 1994 08:49:37", None),
        ("day 31 of November", "31 Nov 1994 08:49:37", None),
        ("hour 24", "06 Nov 1994 24:00:00", None),
        ("minute 60", "06 Nov 1994 08:60:37", None),
        ("leap second", "06 Nov 1994 08:49:60", None),
        ("year 1600", "31 Dec 1600 23:59:59", None),
        ("year 1601", "01 Jan 1601 00:00:00", Some(EARLIEST)),
        ("last second", "31 Dec 9999 23:59:59", Some(LATEST)),
        ("epoch", "01 Jan 1970 00:00:00", Some(0)),
        ("before the epoch", "31 Dec 1969 23:59:59", Some(-1)),
        ("leap day", "29 Feb 2024 00:00:00", Some(1_709_164_800)),
        ("leap day of a century", "29 Feb 1900 00:00:00", None),
        ("leap day of four centuries", "29 Feb 2000 00:00:00", Some(951_782_400)),
        ("year 69", "01 Jan 69 00:00:00", Some(3_124_224_000)),
        ("year 70", "01 Jan 70 00:00:00", Some(0)),
        ("year 069", "01 Jan 069 00:00:00", Some(3_124_224_000)),
        ("empty", "", None),
        ("only delimiters", " -;,", None),
    ];
    for (row, text, expected) in rows {
        assert_eq!(parse(text.as_bytes()), *expected, "{row}: {text:?}");
    }
}

#[test]
fn formatting() {
    let rows = [
        (0, Some("Thu, 01 Jan 1970 00:00:00 GMT")),
        (784_111_777, Some("Sun, 06 Nov 1994 08:49:37 GMT")),
        (-1, Some("Wed, 31 Dec 1969 23:59:59 GMT")),
        (EARLIEST, Some("Mon, 01 Jan 1601 00:00:00 GMT")),
        (LATEST, Some("Fri, 31 Dec 9999 23:59:59 GMT")),
        (YEAR_ZERO, Some("Sat, 01 Jan 0000 00:00:00 GMT")),
        (LATEST + 1, None),
        (YEAR_ZERO - 1, None),
        (i64::MAX, None),
        (i64::MIN, None),
    ];
    for (seconds, expected) in rows {
        assert_eq!(format(seconds).map(|date| date.to_string()).as_deref(), expected, "{seconds}");
    }
}

/// Every day of the years 0 to 9999, counted one by one.
#[test]
fn the_calendar() {
    let (mut year, mut month, mut day) = (0, 1, 1);
    for days in 0..=(LATEST - YEAR_ZERO) / 86_400 {
        assert_eq!(civil(days as u32), (year, month, day));
        assert_eq!(i64::from(days_since_year_zero(year, month, day)), days);
        day += 1;
        if day > days_in(year, month) {
            (month, day) = (month + 1, 1);
        }
        if month > 12 {
            (year, month) = (year + 1, 1);
        }
    }
    assert_eq!((year, month, day), (10_000, 1, 1));
}

#[test]
fn display_pads() {
    assert_eq!(format!("{:>31}", format(0).unwrap()), "  Thu, 01 Jan 1970 00:00:00 GMT");
}
