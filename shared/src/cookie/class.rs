//! Character classes as one table, and the byte-string helpers that the parsers share.

use memchr::memchr;

/// `token` of RFC 9110 section 5.6.2.
pub(crate) const TOKEN: u8 = 1;
/// `cookie-octet` of RFC 6265bis section 4.1.1.
pub(crate) const COOKIE_OCTET: u8 = 1 << 1;
/// `av-octet` of RFC 6265bis section 4.1.1.
pub(crate) const AV_OCTET: u8 = 1 << 2;
/// What JavaScript's `encodeURIComponent` leaves as it is.
pub(crate) const UNESCAPED: u8 = 1 << 3;
/// Control characters other than TAB, which make a user agent ignore a cookie.
pub(crate) const CONTROL: u8 = 1 << 4;
/// `delimiter` of a cookie-date, RFC 6265bis section 5.1.1.
pub(crate) const DATE_DELIMITER: u8 = 1 << 5;

const TABLE: [u8; 256] = {
    let mut table = [0; 256];
    let mut i = 0;
    while i < 256 {
        table[i] = classes_of(i as u8);
        i += 1;
    }
    table
};

const fn classes_of(byte: u8) -> u8 {
    let mut classes = 0;
    if byte.is_ascii_alphanumeric()
        || matches!(
            byte,
            b'!' | b'#'
                | b'$'
                | b'%'
                | b'&'
                | b'\''
                | b'*'
                | b'+'
                | b'-'
                | b'.'
                | b'^'
                | b'_'
                | b'`'
                | b'|'
                | b'~'
        )
    {
        classes |= TOKEN;
    }
    if matches!(byte, 0x21 | 0x23..=0x2b | 0x2d..=0x3a | 0x3c..=0x5b | 0x5d..=0x7e) {
        classes |= COOKIE_OCTET;
    }
    if matches!(byte, 0x20..=0x3a | 0x3c..=0x7e) {
        classes |= AV_OCTET;
    }
    if byte.is_ascii_alphanumeric()
        || matches!(byte, b'-' | b'_' | b'.' | b'!' | b'~' | b'*' | b'\'' | b'(' | b')')
    {
        classes |= UNESCAPED;
    }
    if matches!(byte, 0x00..=0x08 | 0x0a..=0x1f | 0x7f) {
        classes |= CONTROL;
    }
    if matches!(byte, 0x09 | 0x20..=0x2f | 0x3b..=0x40 | 0x5b..=0x60 | 0x7b..=0x7e) {
        classes |= DATE_DELIMITER;
    }
    classes
}

/// Whether `byte` belongs to one of `classes`.
pub(crate) const fn is(byte: u8, classes: u8) -> bool {
    TABLE[byte as usize] & classes != 0
}

/// Whether every byte belongs to one of `classes`.
pub(crate) const fn all(bytes: &[u8], classes: u8) -> bool {
    let mut i = 0;
    while i < bytes.len() {
        if !is(bytes[i], classes) {
            return false;
        }
        i += 1;
    }
    true
}

/// Whether there is a control character other than TAB. Without a branch for each byte, so that it vectorises.
pub(crate) fn has_control(bytes: &[u8]) -> bool {
    bytes.iter().fold(false, |found, &b| found | ((b < 0x20) & (b != b'\t')) | (b == 0x7f))
}

/// Whether `byte` is among `bytes`.
#[allow(
    clippy::manual_contains,
    reason = "`contains` is faster for long parts, but larger than all the callers"
)]
#[cfg_attr(target_family = "wasm", inline(never))]
pub(crate) fn has(bytes: &[u8], byte: u8) -> bool {
    bytes.iter().any(|&b| b == byte)
}

/// Removes SP and TAB (and nothing else) from both ends.
pub(crate) fn trim(bytes: &[u8]) -> &[u8] {
    trim_end(trim_start(bytes))
}

pub(crate) fn trim_start(mut bytes: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] = bytes {
        bytes = rest;
    }
    bytes
}

pub(crate) fn trim_end(mut bytes: &[u8]) -> &[u8] {
    while let [rest @ .., b' ' | b'\t'] = bytes {
        bytes = rest;
    }
    bytes
}

/// Splits at the first `separator`, which belongs to neither part.
pub(crate) fn split_once(bytes: &[u8], separator: u8) -> Option<(&[u8], &[u8])> {
    let at = position(separator, bytes)?;
    let (before, rest) = bytes.split_at_checked(at)?;
    Some((before, rest.split_first()?.1))
}

/// The place of the first such byte. In a browser's module the plain loop: it is a tenth of memchr's size.
fn position(byte: u8, bytes: &[u8]) -> Option<usize> {
    if cfg!(target_family = "wasm") { bytes.iter().position(|&b| b == byte) } else { memchr(byte, bytes) }
}

/// Whether `bytes` begins with the ASCII text `prefix`, which must be lower case, in any letter case.
pub(crate) const fn starts_with_ignore_case(bytes: &[u8], prefix: &[u8]) -> bool {
    if bytes.len() < prefix.len() {
        return false;
    }
    let mut i = 0;
    while i < prefix.len() {
        if bytes[i].to_ascii_lowercase() != prefix[i] {
            return false;
        }
        i += 1;
    }
    true
}
