//! Answers conformance vectors: `cargo run --release -p twinjar-shared --example conformance`.
//!
//! Reads JSON lines `{"id","kind","input",…}` from standard input and writes one JSON line for each:
//! `{"id","result"}`, or `{"id","skip"}` with the reason where it cannot answer. The kinds are in [`answer`].

mod cookies;
mod express;
mod policy;
mod request;

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
            let (id, answer) = match Request::parse(&line) {
                Ok(request) => (request.id().clone(), answer(&request)),
                Err((id, reason)) => (id, Err(reason)),
            };
            match answer {
                Ok(result) => writeln!(output, "{{\"id\":{id},\"result\":{result}}}")?,
                Err(reason) => writeln!(output, "{{\"id\":{id},\"skip\":{}}}", json(reason))?,
            }
            // One answer for each question: whoever asks may wait for it.
            output.flush()?;
        }
        line.clear();
    }
    Ok(())
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
