//! Cookie dates: the lenient algorithm of RFC 6265bis section 5.1.1 in, IMF-fixdate out.
//!
//! ```
//! use twinjar_shared::cookie::date;
//!
//! let seconds = date::parse(b"Sunday, 06-Nov-94 08:49:37 GMT").unwrap();
//! assert_eq!(seconds, 784_111_777);
//! assert_eq!(date::format(seconds).unwrap().as_str(), "Sun, 06 Nov 1994 08:49:37 GMT");
//! assert_eq!(date::parse(b"31 Feb 2026 00:00:00"), None);
//! ```

use core::fmt;

use super::class::{self, DATE_DELIMITER};

/// The first second that [`parse`] accepts and a user agent understands: 1601-01-01T00:00:00Z.
pub const EARLIEST: i64 = -11_644_473_600;

/// The last second that an IMF-fixdate can write: 9999-12-31T23:59:59Z.
pub const LATEST: i64 = 253_402_300_799;

/// Reads a date as user agents do, in seconds since the Unix epoch. `None` if it is no date.
///
/// The parts may stand in any order; weekday and time zone are ignored; two-digit years are of 1970 to 2069.
#[must_use]
pub fn parse(date: &[u8]) -> Option<i64> {
    let (mut time, mut day, mut month, mut year) = (None, None, None, None);
    for token in date.split(|&b| class::is(b, DATE_DELIMITER)).filter(|token| !token.is_empty()) {
        // The order of these rules is the algorithm's: "10" is a day before it is a year.
        if time.is_none() && set(&mut time, time_of(token)) {
            continue;
        }
        if day.is_none() && set(&mut day, number(token, 1, 2)) {
            continue;
        }
        if month.is_none() && set(&mut month, month_of(token)) {
            continue;
        }
        if year.is_none() {
            set(&mut year, number(token, 2, 4));
        }
        if time.is_some() && day.is_some() && month.is_some() && year.is_some() {
            break;
        }
    }
    let year = match year? {
        short @ 0..=69 => short + 2000,
        short @ 70..=99 => short + 1900,
        full => full,
    };
    let ((hour, minute, second), day, month) = (time?, day?, month?);
    if year < 1601 || day < 1 || day > days_in(year, month) || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let days = i64::from(days_since_year_zero(year, month, day));
    Some(YEAR_ZERO + days * 86_400 + i64::from(hour * 3600 + minute * 60 + second))
}

/// Writes an IMF-fixdate (RFC 9110 section 5.6.7). `None` outside the years 0 to 9999.
#[must_use]
pub const fn format(epoch_seconds: i64) -> Option<ImfFixdate> {
    let Some(Moment { days, second }) = moment(epoch_seconds) else { return None };
    let (year, month, day) = civil(days);
    let mut text = *b"Sat, 01 Jan 0000 00:00:00 GMT";
    // The year 0 began on a Saturday.
    put(&mut text, 0, WEEKDAYS[(days as usize + 6) % 7]);
    put_two(&mut text, 5, day);
    put(&mut text, 8, MONTHS[month as usize - 1]);
    put_two(&mut text, 12, year / 100);
    put_two(&mut text, 14, year % 100);
    put_two(&mut text, 17, second / 3600);
    put_two(&mut text, 20, second / 60 % 60);
    put_two(&mut text, 23, second % 60);
    Some(ImfFixdate(text))
}

/// The same moment as RFC 3339 has it, without a zone: `1994-11-06T08:49:37`.
#[cfg(feature = "express")]
pub(crate) fn format_iso(epoch_seconds: i64) -> Option<alloc::string::String> {
    let Moment { days, second } = moment(epoch_seconds)?;
    let (year, month, day) = civil(days);
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    Some(alloc::format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}"))
}

/// A date such as `Sun, 06 Nov 1994 08:49:37 GMT`: always 29 ASCII characters.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct ImfFixdate([u8; 29]);

impl ImfFixdate {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        core::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl fmt::Display for ImfFixdate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for ImfFixdate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Days since the year 0 began, and the second of the day.
struct Moment {
    days: u32,
    second: u32,
}

const fn moment(epoch_seconds: i64) -> Option<Moment> {
    if epoch_seconds < YEAR_ZERO || epoch_seconds > LATEST {
        return None;
    }
    let seconds = (epoch_seconds - YEAR_ZERO) as u64;
    Some(Moment { days: (seconds / 86_400) as u32, second: (seconds % 86_400) as u32 })
}

/// Stores what was found and says whether there was something.
fn set<T>(slot: &mut Option<T>, found: Option<T>) -> bool {
    *slot = found;
    slot.is_some()
}

/// `time = hms-time [ non-digit *OCTET ]`
fn time_of(token: &[u8]) -> Option<(u32, u32, u32)> {
    let (hour, rest) = digits(token, 1, 2)?;
    let (minute, rest) = digits(rest.strip_prefix(b":")?, 1, 2)?;
    let second = number(rest.strip_prefix(b":")?, 1, 2)?;
    Some((hour, minute, second))
}

/// `min*maxDIGIT [ non-digit *OCTET ]`
fn number(token: &[u8], min: usize, max: usize) -> Option<u32> {
    digits(token, min, max).map(|(value, _)| value)
}

/// The leading digits, if there are from `min` to `max` of them, and what follows.
fn digits(token: &[u8], min: usize, max: usize) -> Option<(u32, &[u8])> {
    let mut value = 0;
    let mut count = 0;
    let mut rest = token;
    while let Some((&digit @ b'0'..=b'9', tail)) = rest.split_first() {
        if count == max {
            return None;
        }
        value = value * 10 + u32::from(digit - b'0');
        count += 1;
        rest = tail;
    }
    (count >= min).then_some((value, rest))
}

/// `month = ( "jan" / … ) *OCTET`, as 1 to 12.
fn month_of(token: &[u8]) -> Option<u32> {
    let head = token.get(..3)?;
    let at = MONTHS.iter().position(|name| name.eq_ignore_ascii_case(head))?;
    Some(at as u32 + 1)
}

const MONTHS: [&[u8; 3]; 12] =
    [b"Jan", b"Feb", b"Mar", b"Apr", b"May", b"Jun", b"Jul", b"Aug", b"Sep", b"Oct", b"Nov", b"Dec"];

const WEEKDAYS: [&[u8; 3]; 7] = [b"Sun", b"Mon", b"Tue", b"Wed", b"Thu", b"Fri", b"Sat"];

const fn put(text: &mut [u8; 29], at: usize, name: &[u8; 3]) {
    text[at] = name[0];
    text[at + 1] = name[1];
    text[at + 2] = name[2];
}

const fn put_two(text: &mut [u8; 29], at: usize, value: u32) {
    text[at] = b'0' + (value / 10) as u8;
    text[at + 1] = b'0' + (value % 10) as u8;
}

const fn days_in(year: u32, month: u32) -> u32 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => 29,
        2 => 28,
        _ => 31,
    }
}

/// 0000-01-01T00:00:00Z in seconds since the Unix epoch.
const YEAR_ZERO: i64 = -62_167_219_200;

// Both directions count in years that begin in March, so that the leap day is a year's last,
// and in eras of 400 years, which all have 146,097 days. They begin one era early, to stay above zero.

const ERA: u32 = 146_097;

/// The days from 0000-01-01 to 0000-03-01.
const TO_MARCH: u32 = 60;

const fn days_since_year_zero(year: u32, month: u32, day: u32) -> u32 {
    let year = if month <= 2 { year + 399 } else { year + 400 };
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    year * 365 + year / 4 - year / 100 + year / 400 + day_of_year + TO_MARCH - ERA
}

const fn civil(days_since_year_zero: u32) -> (u32, u32, u32) {
    let days = days_since_year_zero + ERA - TO_MARCH;
    let day_of_era = days % ERA;
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = days / ERA * 400 + year_of_era + if month <= 2 { 1 } else { 0 };
    (year - 400, month, day)
}

#[cfg(test)]
mod tests;
