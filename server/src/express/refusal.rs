//! What a record of Express' has no room for.

use std::fmt;

use twinjar_shared::express::is_shadowed;

use crate::session::SessionError;
use crate::store::Patch;

/// Levels of nesting that a value may have. On records with some thousands, express-session hangs.
const MAX_DEPTH: usize = 1_000;

/// Refuses what Express would not find again, or fail on.
pub(super) fn check(patch: &Patch) -> Result<(), SessionError> {
    for (key, value) in patch.changes() {
        let refusal = if key == "cookie" || is_shadowed(key) {
            Refusal::Name
        } else if value.is_some_and(|json| depth(json) > MAX_DEPTH) {
            Refusal::Depth
        } else {
            continue;
        };
        return Err(SessionError::Value { key: key.into(), source: Box::new(refusal) });
    }
    Ok(())
}

#[derive(Debug)]
enum Refusal {
    Name,
    Depth,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name => f.write_str("express-session passes over a value of this name; choose another"),
            Self::Depth => {
                write!(f, "the value nests deeper than {MAX_DEPTH} levels, on which Express hangs")
            }
        }
    }
}

impl std::error::Error for Refusal {}

/// How deeply a JSON text nests.
fn depth(json: &str) -> usize {
    let (mut depth, mut deepest, mut in_string, mut escaped) = (0_usize, 0, false, false);
    for byte in json.bytes() {
        match byte {
            _ if in_string => {
                in_string = escaped || byte != b'"';
                escaped = !escaped && byte == b'\\';
            }
            b'"' => in_string = true,
            b'[' | b'{' => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn depth_counts_brackets_outside_of_texts() {
        for (json, expected) in
            [("1", 0), ("[]", 1), (r#"{"a":[1,[2]],"b":{}}"#, 3), (r#""[[[""#, 0), (r#"["\"[[",[]]"#, 2)]
        {
            assert_eq!(depth(json), expected, "{json}");
        }
    }

    #[test]
    fn names_of_the_session_object_are_refused() {
        for (key, accepted) in [("cookie", false), ("id", false), ("__proto__", false), ("user", true)] {
            let mut patch = Patch::default();
            patch.set(key, serde_json::value::to_raw_value(&1).expect("a number"));
            assert_eq!(check(&patch).is_ok(), accepted, "{key}");
        }
    }
}
