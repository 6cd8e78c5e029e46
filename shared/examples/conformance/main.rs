//! Answers conformance vectors: `cargo run --release -p twinjar-shared --example conformance`.
//!
//! Reads JSON lines `{"id","kind","input",…}` from standard input and writes one JSON line for each:
//! `{"id","result"}`, or `{"id","skip"}` with the reason where it cannot answer. The kinds are in [`answer`].

mod cookies;
mod express;
mod policy;
mod request;

use std::borrow::Cow;
use std::io::{self, BufRead, BufWriter, Write};

use serde_json::Value;

use request::Request;

/// What a kind gives: JSON text, or why there is none.
type Answer = Result<String, &'static str>;

fn main() -> io::Result<()> {
    let mut input = io::stdin().lock();
    let mut output = BufWriter::new(io::stdout().lock());
    let mut line = Vec::new();
    while input.read_until(b'\n', &mut line)? > 0 {
        if !line.trim_ascii().is_empty() {
            writeln!(output, "{}", reply(&line))?;
            // One answer for each question: whoever asks may wait for it.
            output.flush()?;
        }
        line.clear();
    }
    Ok(())
}

/// The answer to a line, whatever it is.
fn reply(line: &[u8]) -> String {
    let text = String::from_utf8_lossy(line);
    let (id, answer) = match Request::parse(&text) {
        Ok(request) if matches!(text, Cow::Borrowed(_)) => (request.id(), answer(&request)),
        Ok(request) => (request.id(), Err("not UTF-8")),
        Err((id, reason)) => (id, Err(reason)),
    };
    match answer {
        Ok(result) => format!("{{\"id\":{id},\"result\":{result}}}"),
        Err(reason) => format!("{{\"id\":{id},\"skip\":{}}}", json(reason)),
    }
}

fn answer(request: &Request<'_>) -> Answer {
    match request.kind() {
        "set-cookie-parse" => cookies::parse_set_cookie(request).map(json),
        "cookie-date" => cookies::parse_date(request).map(json),
        "http-date-format" => cookies::format_date(request).map(json),
        "cookie-header-parse" => cookies::parse_header(request).map(json),
        "serialize" => cookies::serialize(request).map(json),
        "cookie-sign" => express::sign(request).map(json),
        "cookie-unsign" => express::unsign(request).map(json),
        "express-session-read" => express::read_session(request),
        "express-session-rewrite" => express::rewrite_session(request).map(json),
        "domain-match" => policy::domain_match(request).map(json),
        "path-match" => policy::path_match(request).map(json),
        "default-path" => policy::default_path(request).map(json),
        "jar" => policy::jar(request).map(json),
        _ => Err("unknown kind"),
    }
}

fn json(result: impl Into<Value>) -> String {
    result.into().to_string()
}

#[cfg(test)]
mod tests {
    use super::reply;

    #[test]
    fn every_line_is_answered() {
        let rows: &[(&str, &[u8], &str)] = &[
            (
                "an answer",
                br#"{"id":1,"kind":"cookie-date","input":"1 Jan 70 00:00:07"}"#,
                r#"{"id":1,"result":7}"#,
            ),
            (
                "any id",
                br#"{"id":[1.50,{}],"kind":"cookie-date","input":"x"}"#,
                r#"{"id":[1.50,{}],"result":null}"#,
            ),
            ("no id", br#"{"kind":"cookie-date","input":""}"#, r#"{"id":null,"result":null}"#),
            ("fields outside of input", br#"{"id":1,"kind":"path-match","request":"/a","cookie":"/"}"#, {
                r#"{"id":1,"result":true}"#
            }),
            (
                "fields inside of input",
                br#"{"id":1,"kind":"path-match","input":{"request":"/a","cookie":"/b"}}"#,
                { r#"{"id":1,"result":false}"# },
            ),
            ("unknown kind", br#"{"id":1,"kind":"x"}"#, r#"{"id":1,"skip":"unknown kind"}"#),
            ("no kind", br#"{"id":"a"}"#, r#"{"id":"a","skip":"no kind"}"#),
            ("a lone surrogate", br#"{"id":1,"kind":"cookie-header-parse","input":"\ud800"}"#, {
                r#"{"id":1,"skip":"a text has a lone surrogate, which no header can hold"}"#
            }),
            ("another type", br#"{"id":1,"kind":"cookie-date","input":7}"#, {
                r#"{"id":1,"skip":"input is not a text"}"#
            }),
            ("not UTF-8", b"{\"id\":1,\"kind\":\"cookie-date\",\"input\":\"\xff\"}", {
                r#"{"id":1,"skip":"not UTF-8"}"#
            }),
            ("not JSON", b"{", r#"{"id":null,"skip":"not a JSON object"}"#),
            ("no object", b"[]", r#"{"id":null,"skip":"not a JSON object"}"#),
        ];
        for (row, line, expected) in rows {
            assert_eq!(reply(line), *expected, "{row}");
        }
    }

    #[test]
    fn nesting_ends_nothing() {
        let nested = "[".repeat(100_000);
        assert!(reply(nested.as_bytes()).contains("skip"));
        let record = format!("{{\"cookie\":{{}},\"deep\":{}{}}}", "[".repeat(5000), "]".repeat(5000));
        let line =
            format!(r#"{{"id":1,"kind":"express-session-rewrite","record":{record},"set":{{"n":1}}}}"#);
        assert!(reply(line.as_bytes()).contains("n"), "read, or refused with a reason");
    }
}
