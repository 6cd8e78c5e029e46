#![allow(clippy::unwrap_used)]

use alloc::format;
use alloc::string::ToString;

use super::*;

fn patched(content_type: &str, data: &str, patch: &str) -> Result<String, PatchError> {
    let mut data: Map<String, Value> = serde_json::from_str(data).unwrap();
    let before = data.clone();
    let result = SessionPatch::parse(content_type, patch.as_bytes())?.apply(&mut data, 1000);
    if result.is_err() {
        assert_eq!(data, before, "all or nothing");
    }
    result.map(|()| Value::Object(data).to_string())
}

/// The examples of RFC 7396 appendix A that are objects.
#[test]
fn merge_patches() {
    let rows = [
        (r#"{"a":"b"}"#, r#"{"a":"c"}"#, r#"{"a":"c"}"#),
        (r#"{"a":"b"}"#, r#"{"b":"c"}"#, r#"{"a":"b","b":"c"}"#),
        (r#"{"a":"b"}"#, r#"{"a":null}"#, r#"{}"#),
        (r#"{"a":"b","b":"c"}"#, r#"{"a":null}"#, r#"{"b":"c"}"#),
        (r#"{"a":["b"]}"#, r#"{"a":"c"}"#, r#"{"a":"c"}"#),
        (r#"{"a":"c"}"#, r#"{"a":["b"]}"#, r#"{"a":["b"]}"#),
        (r#"{"a":{"b":"c"}}"#, r#"{"a":{"b":"d","c":null}}"#, r#"{"a":{"b":"d"}}"#),
        (r#"{"a":[{"b":"c"}]}"#, r#"{"a":[1]}"#, r#"{"a":[1]}"#),
        (r#"{"e":null}"#, r#"{"a":1}"#, r#"{"a":1,"e":null}"#),
        (r#"{}"#, r#"{"a":{"bb":{"ccc":null}}}"#, r#"{"a":{"bb":{}}}"#),
    ];
    for (data, patch, expected) in rows {
        assert_eq!(patched(SessionPatch::MERGE, data, patch).as_deref(), Ok(expected), "{patch}");
    }
}

#[test]
fn json_patches() {
    let rows = [
        ("add", r#"{"a":[1]}"#, r#"[{"op":"add","path":"/a/0","value":0}]"#, Ok(r#"{"a":[0,1]}"#)),
        ("append", r#"{"a":[1]}"#, r#"[{"op":"add","path":"/a/-","value":2}]"#, Ok(r#"{"a":[1,2]}"#)),
        ("escaped path", r#"{"a/b":1}"#, r#"[{"op":"remove","path":"/a~1b"}]"#, Ok("{}")),
        ("replace", r#"{"a":1}"#, r#"[{"op":"replace","path":"/a","value":[]}]"#, Ok(r#"{"a":[]}"#)),
        ("move", r#"{"a":1}"#, r#"[{"op":"move","from":"/a","path":"/b"}]"#, Ok(r#"{"b":1}"#)),
        ("copy", r#"{"a":1}"#, r#"[{"op":"copy","from":"/a","path":"/b"}]"#, Ok(r#"{"a":1,"b":1}"#)),
        ("test", r#"{"a":[1]}"#, r#"[{"op":"test","path":"/a","value":[1]}]"#, Ok(r#"{"a":[1]}"#)),
        (
            "all or nothing",
            r#"{"a":1}"#,
            r#"[{"op":"remove","path":"/a"},{"op":"test","path":"/b","value":1}]"#,
            Err(PatchError::PathNotFound),
        ),
        (
            "failed test",
            r#"{"a":1}"#,
            r#"[{"op":"add","path":"/b","value":1},{"op":"test","path":"/a","value":2}]"#,
            Err(PatchError::TestFailed),
        ),
        (
            "into itself",
            r#"{"a":{"b":1}}"#,
            r#"[{"op":"move","from":"/a","path":"/a/b"}]"#,
            Err(PatchError::PathNotFound),
        ),
        (
            "past the end",
            r#"{"a":[]}"#,
            r#"[{"op":"add","path":"/a/1","value":1}]"#,
            Err(PatchError::PathNotFound),
        ),
        ("of the whole", "{}", r#"[{"op":"add","path":"","value":{}}]"#, Err(PatchError::WholeDocument)),
        ("from the whole", "{}", r#"[{"op":"copy","from":"","path":"/a"}]"#, Err(PatchError::WholeDocument)),
        ("unknown operation", "{}", r#"[{"op":"drop","path":"/a"}]"#, Err(PatchError::MalformedPatch)),
        ("no value", "{}", r#"[{"op":"add","path":"/a"}]"#, Err(PatchError::MalformedPatch)),
        ("no slash", "{}", r#"[{"op":"remove","path":"a"}]"#, Err(PatchError::MalformedPatch)),
        ("an object", "{}", "{}", Err(PatchError::MalformedPatch)),
        ("no JSON", "{}", "[", Err(PatchError::MalformedJson)),
    ];
    for (row, data, patch, expected) in rows {
        assert_eq!(patched(SessionPatch::JSON, data, patch).as_deref(), expected.as_ref().copied(), "{row}");
    }
}

#[test]
fn the_media_type_decides() {
    let parse = |content_type| SessionPatch::parse(content_type, b"{}").map(|_| ());
    assert_eq!(parse("Application/Merge-Patch+JSON; charset=utf-8"), Ok(()));
    assert_eq!(parse("application/json"), Err(PatchError::UnsupportedMediaType));
    assert_eq!(parse("application/json-patch+json"), Err(PatchError::MalformedPatch));
    assert_eq!(SessionPatch::parse(SessionPatch::MERGE, b"[]").map(|_| ()), Err(PatchError::MalformedPatch));
}

#[test]
fn accesses_name_every_entry() {
    let body = br#"[{"op":"test","path":"/a/0","value":1},{"op":"copy","from":"/b","path":"/c~1d"},
        {"op":"move","from":"/e/f","path":"/a"}]"#;
    let patch = SessionPatch::parse(SessionPatch::JSON, body).unwrap();
    let expected = [
        ("a", Access::Read),
        ("a", Access::Write),
        ("b", Access::Read),
        ("c/d", Access::Write),
        ("e", Access::Write),
    ];
    assert_eq!(patch.accesses(), expected.map(|(key, access)| (key.into(), access)).into());
    let merge = SessionPatch::parse(SessionPatch::MERGE, br#"{"a":null}"#).unwrap();
    assert_eq!(merge.accesses(), [("a".into(), Access::Write)].into());
}

#[test]
fn copies_of_copies_are_bounded() {
    let double = r#"{"op":"copy","from":"/a","path":"/a/-"}"#;
    let bomb = format!("[{}]", [double; 40].join(","));
    assert_eq!(patched(SessionPatch::JSON, r#"{"a":[]}"#, &bomb), Err(PatchError::TooLarge));
}

#[test]
fn nesting_is_bounded() {
    let nest = r#"{"op":"move","from":"/a","path":"/b"},{"op":"add","path":"/a","value":{}},
        {"op":"move","from":"/b","path":"/a/x"}"#;
    let patch =
        |levels: usize| format!("[{}]", core::iter::repeat_n(nest, levels).collect::<Vec<_>>().join(","));
    assert!(patched(SessionPatch::JSON, r#"{"a":[]}"#, &patch(100)).is_ok());
    assert_eq!(patched(SessionPatch::JSON, r#"{"a":[]}"#, &patch(130)), Err(PatchError::TooDeep));
}

#[test]
fn every_error_has_a_problem_code() {
    for error in [PatchError::UnsupportedMediaType, PatchError::WholeDocument, PatchError::TooDeep] {
        assert_ne!(ProblemCode::from(error), ProblemCode::Unknown, "{error:?}");
    }
}
