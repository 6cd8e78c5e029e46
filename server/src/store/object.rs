//! The entries of a JSON object's text, found without parsing what they hold: the text was checked when it was made.

use std::borrow::Cow;

use memchr::memchr2;

/// The entries in order: each key, and the text of its value.
pub(super) struct Entries<'a> {
    text: &'a str,
    at: usize,
}

/// A key as it is written, without its quotes.
#[derive(Clone, Copy)]
pub(super) struct Key<'a>(&'a str);

impl<'a> Entries<'a> {
    /// Of a text that is one JSON object; of any other, some.
    pub(super) fn of(object: &'a str) -> Self {
        Self { text: object, at: object.find('{').map_or(object.len(), |brace| brace + 1) }
    }
}

impl<'a> Iterator for Entries<'a> {
    type Item = (Key<'a>, &'a str);

    fn next(&mut self) -> Option<Self::Item> {
        let bytes = self.text.as_bytes();
        let open = skip(bytes, self.at, b',')?;
        if bytes[open] != b'"' {
            return None;
        }
        let close = end_of_string(bytes, open)?;
        let start = skip(bytes, close + 1, b':')?;
        self.at = end_of_value(bytes, start)?;
        Some((Key(self.text.get(open + 1..close)?), self.text.get(start..self.at)?))
    }
}

impl<'a> Key<'a> {
    /// The key that is written so.
    pub(super) fn decode(self) -> Cow<'a, str> {
        if !self.0.contains('\\') {
            return Cow::Borrowed(self.0);
        }
        let decoded: Result<String, _> = serde_json::from_str(&format!("\"{}\"", self.0));
        decoded.map_or(Cow::Borrowed(self.0), Cow::Owned)
    }
}

impl PartialEq<str> for Key<'_> {
    fn eq(&self, name: &str) -> bool {
        self.0 == name && !name.contains('\\') || self.0.contains('\\') && self.decode() == name
    }
}

/// The place of the first byte that is neither space nor this mark.
fn skip(bytes: &[u8], from: usize, mark: u8) -> Option<usize> {
    let is_content = |byte: &u8| !matches!(byte, b' ' | b'\t' | b'\n' | b'\r') && *byte != mark;
    Some(from + bytes.get(from..)?.iter().position(is_content)?)
}

/// The place of the quote that ends the string which begins here.
fn end_of_string(bytes: &[u8], open: usize) -> Option<usize> {
    let mut at = open + 1;
    loop {
        at += memchr2(b'"', b'\\', bytes.get(at..)?)?;
        if bytes[at] == b'"' {
            return Some(at);
        }
        at += 2;
    }
}

/// The place after the value that begins here.
fn end_of_value(bytes: &[u8], start: usize) -> Option<usize> {
    let (mut at, mut depth) = (start, 0_usize);
    loop {
        match bytes.get(at)? {
            b'"' => {
                at = end_of_string(bytes, at)?;
                if depth == 0 {
                    return Some(at + 1);
                }
            }
            b'{' | b'[' => depth += 1,
            b'}' | b']' if depth > 0 => {
                depth -= 1;
                if depth == 0 {
                    return Some(at + 1);
                }
            }
            b',' | b'}' | b' ' | b'\t' | b'\n' | b'\r' if depth == 0 => return Some(at),
            _ => {}
        }
        at += 1;
    }
}

#[cfg(test)]
mod tests {
    use serde_json::value::RawValue;

    use super::*;

    fn entries(text: &str) -> Vec<(String, &str)> {
        Entries::of(text).map(|(key, value)| (key.decode().into_owned(), value)).collect()
    }

    #[test]
    fn entries_are_found_as_a_parser_finds_them() {
        for text in [
            "{}",
            " { } ",
            r#"{"n":1}"#,
            "\n{ \"a\" : -1.5e3 ,\t\"b\" : true , \"c\":null }\r\n",
            r#"{"":"","quote\"d":"a\"b\\","back\\":"\\\\","é\u00e9":"ü","{":"}","[":"]",",":":"}"#,
            r#"{"deep":{"a":[1,{"b":"]}"},[[]]],"c":{}},"after":[ {} , "x" ],"last":0}"#,
            r#"{"n":1,"n":2,"\u006e":3}"#,
        ] {
            let mut expected = Vec::new();
            let mut parser = serde_json::Deserializer::from_str(text);
            let parsed = serde::Deserializer::deserialize_map(&mut parser, Collect(&mut expected));
            parsed.expect("the text is an object");
            assert_eq!(entries(text), expected, "{text}");
        }
    }

    struct Collect<'v, 'a>(&'v mut Vec<(String, &'a str)>);

    impl<'a> serde::de::Visitor<'a> for Collect<'_, 'a> {
        type Value = ();

        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("an object")
        }

        fn visit_map<A: serde::de::MapAccess<'a>>(self, mut map: A) -> Result<(), A::Error> {
            while let Some((key, value)) = map.next_entry::<String, &'a RawValue>()? {
                self.0.push((key, value.get()));
            }
            Ok(())
        }
    }

    #[test]
    fn keys_are_compared_by_what_they_stand_for() {
        let (key, _) = Entries::of(r#"{"\u006e\"":1}"#).next().expect("an entry");
        assert!(key == *"n\"" && key != *r#"\u006e\""# && key != *"n");
        let (key, _) = Entries::of(r#"{"n":1}"#).next().expect("an entry");
        assert!(key == *"n" && key != *"N" && key != *"");
    }

    #[test]
    fn what_is_cut_short_ends_the_entries() {
        let text = r#"{"a":{"b":["\"",1]},"c":"d"}"#;
        for end in 0..text.len() - 1 {
            assert!(entries(&text[..end]).len() < 2, "{}", &text[..end]);
        }
    }
}
