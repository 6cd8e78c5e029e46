//! JSON as JavaScript spells it.

use alloc::borrow::Cow;
use alloc::format;
use alloc::string::String;

/// Digits that tell any two of JavaScript's numbers apart.
const MOST_DIGITS: usize = 17;

/// A JSON text as `JSON.stringify` spells it: without white space, texts with no more escapes than they need, numbers as
/// JavaScript writes them. A number that JavaScript would round keeps its digits, and members keep their order.
///
/// ```
/// use twinjar_shared::express::stringified;
///
/// assert_eq!(stringified(r#"{ "caf\u00e9": [1.0, 1e21, -0] }"#), r#"{"café":[1,1e+21,0]}"#);
/// assert_eq!(stringified("12345678901234567890"), "12345678901234567890");
/// ```
#[must_use]
pub fn stringified(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    let mut rest = json;
    while let Some(&first) = rest.as_bytes().first() {
        let length = match first {
            b'"' => text_length(rest),
            b'-' | b'0'..=b'9' => rest.find(|c| !is_numeric(c)).unwrap_or(rest.len()),
            _ => rest.find(|c: char| c == '"' || c == '-' || c.is_ascii_digit()).unwrap_or(rest.len()),
        };
        let (token, after) = rest.split_at(length);
        match first {
            b'"' => push_text(token, &mut out),
            b'-' | b'0'..=b'9' => out.push_str(&number(token).unwrap_or(Cow::Borrowed(token))),
            _ => out.extend(token.chars().filter(|c| !matches!(c, ' ' | '\t' | '\n' | '\r'))),
        }
        rest = after;
    }
    out
}

/// How long the text is that begins here, quotes included.
fn text_length(json: &str) -> usize {
    let mut escaped = false;
    let is_end = |byte: u8| {
        let ends = byte == b'"' && !escaped;
        escaped = byte == b'\\' && !escaped;
        ends
    };
    json.bytes().skip(1).position(is_end).map_or(json.len(), |inner| inner + 2)
}

const fn is_numeric(c: char) -> bool {
    matches!(c, '0'..='9' | '+' | '-' | '.' | 'e' | 'E')
}

fn push_text(text: &str, out: &mut String) {
    let mut rest = text;
    while let Some((plain, escape)) = rest.split_once('\\') {
        out.push_str(plain);
        rest = push_escape(escape, out);
    }
    out.push_str(rest);
}

/// Writes what an escape stands for, given behind its backslash, and returns what follows it.
fn push_escape<'a>(escape: &'a str, out: &mut String) -> &'a str {
    let Some((unit, rest)) = unit(escape) else {
        // One character, of which `/` alone needs no backslash.
        if !escape.starts_with('/') {
            out.push('\\');
        }
        let rest = escape.get(1..).unwrap_or_default();
        out.push_str(&escape[..escape.len() - rest.len()]);
        return rest;
    };
    let second = rest.strip_prefix('\\').and_then(self::unit);
    let units = [unit, second.map_or(0, |(unit, _)| unit)];
    match char::decode_utf16(units).next() {
        Some(Ok(c)) if u32::from(c) > 0xffff => {
            out.push(c);
            second.map_or(rest, |(_, rest)| rest)
        }
        Some(Ok(c)) => {
            push_char(c, out);
            rest
        }
        Some(Err(_)) | None => {
            out.push_str(&format!("\\u{unit:04x}"));
            rest
        }
    }
}

/// The UTF-16 code unit that `uXXXX` stands for, and what follows it.
fn unit(escape: &str) -> Option<(u16, &str)> {
    let (digits, rest) = escape.strip_prefix('u')?.split_at_checked(4)?;
    Some((u16::from_str_radix(digits, 16).ok()?, rest))
}

fn push_char(c: char, out: &mut String) {
    let short = match c {
        '"' | '\\' => c,
        '\u{8}' => 'b',
        '\t' => 't',
        '\n' => 'n',
        '\u{c}' => 'f',
        '\r' => 'r',
        _ if c < ' ' => return out.push_str(&format!("\\u{:04x}", u32::from(c))),
        _ => return out.push(c),
    };
    out.extend(['\\', short]);
}

/// A number as JavaScript writes it. `None`: JavaScript has none that is equal.
fn number(spelt: &str) -> Option<Cow<'static, str>> {
    let decimal = Decimal::parse(spelt)?;
    if decimal.digits.is_empty() {
        return Some(Cow::Borrowed("0"));
    }
    if decimal.digits.len() > MOST_DIGITS {
        return None;
    }
    let rounded: f64 = spelt.parse().ok()?;
    let is_equal = rounded.is_finite() && Decimal::parse(&format!("{rounded:e}"))? == decimal;
    is_equal.then(|| Cow::Owned(decimal.to_js()))
}

/// A number as `0.digits` times ten to the power of `point`, with neither a first nor a last digit that is zero.
#[derive(PartialEq)]
struct Decimal {
    is_negative: bool,
    digits: String,
    point: i64,
}

impl Decimal {
    /// `None`: the exponent is beyond all numbers.
    fn parse(spelt: &str) -> Option<Self> {
        let (is_negative, unsigned) = spelt.strip_prefix('-').map_or((false, spelt), |rest| (true, rest));
        let (mantissa, exponent) = unsigned.split_once(['e', 'E']).unwrap_or((unsigned, "0"));
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let digits = [whole, fraction].concat();
        let significant = digits.trim_start_matches('0');
        let zeros = digits.len() - significant.len();
        let point = i64::try_from(whole.len()).ok()? - i64::try_from(zeros).ok()?;
        let point = point.checked_add(exponent.parse().ok()?)?;
        Some(Self { is_negative, digits: significant.trim_end_matches('0').into(), point })
    }

    /// As `Number::toString` of ECMA-262 writes it.
    fn to_js(&self) -> String {
        let Self { is_negative, digits, point } = self;
        let (sign, point) = (if *is_negative { "-" } else { "" }, *point);
        let (count, zeros) = (digits.len(), |count: i64| "0".repeat(usize::try_from(count).unwrap_or(0)));
        match usize::try_from(point) {
            Ok(whole @ 1..=21) if whole < count => format!("{sign}{}.{}", &digits[..whole], &digits[whole..]),
            Ok(whole @ 1..=21) => format!("{sign}{digits}{}", "0".repeat(whole - count)),
            _ if (-5..=0).contains(&point) => format!("{sign}0.{}{digits}", zeros(-point)),
            _ => {
                let (first, others) = digits.split_at(1);
                let dot = if others.is_empty() { "" } else { "." };
                format!("{sign}{first}{dot}{others}e{:+}", point - 1)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_those_of_javascript() {
        for (spelt, expected) in [
            ("0", "0"),
            ("-0", "0"),
            ("-0.0e5", "0"),
            ("1.0", "1"),
            ("-1.50", "-1.5"),
            ("1e0", "1"),
            ("12E+1", "120"),
            ("1e20", "100000000000000000000"),
            ("1e21", "1e+21"),
            ("123e20", "1.23e+22"),
            ("0.000001", "0.000001"),
            ("1e-6", "0.000001"),
            ("0.00000012", "1.2e-7"),
            ("5e-324", "5e-324"),
            ("1.7976931348623157e308", "1.7976931348623157e+308"),
            ("9007199254740992", "9007199254740992"),
            ("0.1", "0.1"),
        ] {
            assert_eq!(stringified(spelt), expected, "{spelt}");
        }
    }

    #[test]
    fn what_javascript_would_round_keeps_its_digits() {
        for spelt in [
            "9007199254740993",
            "18446744073709551615",
            "1e400",
            "-1e400",
            "1e-400",
            "0.1000000000000000055511151231257827",
            "1e99999999999999999999",
        ] {
            assert_eq!(stringified(spelt), spelt);
        }
    }

    #[test]
    fn texts_have_no_more_escapes_than_they_need() {
        for (spelt, expected) in [
            (r#""caf\u00e9 \/ \u0041""#, r#""café / A""#),
            (r#""\"\\\b\f\n\r\t""#, r#""\"\\\b\f\n\r\t""#),
            (r#""\u0022\u005C\u0008\u000c\u000A\u000d\u0009""#, r#""\"\\\b\f\n\r\t""#),
            (r#""\u0000\u001F\u007f\u2028""#, "\"\\u0000\\u001f\u{7f}\u{2028}\""),
            (r#""\ud83d\ude00\uD83D\uDE00""#, r#""😀😀""#),
            (r#""\uD800""#, r#""\ud800""#),
            (r#""\uD800\u0041\udc00\ud800\ud83d\ude00\ud800\n""#, r#""\ud800A\udc00\ud800😀\ud800\n""#),
            (r#""\\u0041 1.0 \\""#, r#""\\u0041 1.0 \\""#),
        ] {
            assert_eq!(stringified(spelt), expected, "{spelt}");
        }
    }

    #[test]
    fn white_space_goes_where_it_means_nothing() {
        let spelt = "\t{ \"a b\" : [ true , null,\r\n-1.0 ] , \"\\u0062\" :{ } }\n";
        assert_eq!(stringified(spelt), r#"{"a b":[true,null,-1],"b":{}}"#);
    }

    proptest::proptest! {
        /// A number that JavaScript has is written so that it is read as the same one.
        #[test]
        fn numbers_stay_what_they_are(number in proptest::num::f64::NORMAL | proptest::num::f64::SUBNORMAL) {
            let spelt = serde_json::to_string(&number).expect("JSON");
            let out = stringified(&spelt);
            proptest::prop_assert_eq!(out.parse::<f64>().expect("a number").to_bits(), number.to_bits());
            proptest::prop_assert_eq!(stringified(&out), out);
        }

        /// Texts are written as serde_json does it, which is JavaScript's way.
        #[test]
        fn texts_stay_what_they_are(text in "\\PC{0,20}[\"\\\\/\u{0}-\u{1f}]{0,5}") {
            let expected = serde_json::to_string(&text).expect("JSON");
            let escaped: String = text.encode_utf16().map(|unit| format!("\\u{unit:04X}")).collect();
            proptest::prop_assert_eq!(stringified(&format!("\"{escaped}\"")), expected.clone());
            proptest::prop_assert_eq!(stringified(&expected), expected);
        }

        /// No text whatever is a reason to panic.
        #[test]
        fn any_text_is_answered(text in "[\\\\u\"d8c0-9.eE+{}\\[\\],: \u{e9}-]{0,40}") {
            let _ = stringified(&text);
        }
    }
}
