//! The command-line program curl, with a cookie jar in a file.

use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;
use twinjar_shared::session::{Companion, Problem};

use crate::Server;

/// A visitor without a browser.
pub struct Curl {
    origin: String,
    folder: TempDir,
}

/// What the server answered.
#[derive(Debug)]
pub struct Answer {
    /// The status code.
    pub status: u16,
    headers: Vec<(String, String)>,
    body: String,
}

/// A line of curl's cookie jar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredCookie {
    /// The cookie's name.
    pub name: String,
    /// The value as it stands on the wire.
    pub value: String,
    /// Whether scripts could not read it in a browser.
    pub http_only: bool,
}

impl Curl {
    /// A visitor with an empty jar.
    #[must_use]
    pub fn new(server: &Server) -> Self {
        Self::at(server.origin())
    }

    /// The same, for a server at `http://HOST:PORT`.
    #[must_use]
    pub fn at(origin: &str) -> Self {
        let folder = TempDir::new().expect("a folder can be made");
        Self { origin: origin.trim_end_matches('/').to_owned(), folder }
    }

    /// Sends a request with the jar's cookies, and keeps those of the answer.
    #[must_use]
    pub fn send(&self, method: &str, path: &str, arguments: &[&str]) -> Answer {
        let jar = self.jar_file();
        let output = Command::new("curl")
            .args([
                "--silent",
                "--show-error",
                "--include",
                "--http1.1",
                "--noproxy",
                "*",
                "--max-time",
                "60",
            ])
            .arg("--cookie-jar")
            .arg(&jar)
            .arg("--cookie")
            .arg(&jar)
            .args(["--request", method])
            .args(arguments)
            .arg(format!("{}{path}", self.origin))
            .output()
            .expect("curl can be started");
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "curl {method} {path}: {errors}");
        Answer::parse(&String::from_utf8_lossy(&output.stdout))
    }

    /// Sends that many requests at once, each with the jar's cookies; answers are not kept.
    pub fn parallel(&self, method: &str, path: &str, count: u32) {
        let output = Command::new("curl")
            .args([
                "--silent",
                "--show-error",
                "--fail",
                "--noproxy",
                "*",
                "--max-time",
                "60",
                "--output",
                "/dev/null",
            ])
            .args(["--parallel", "--parallel-immediate", "--parallel-max", &count.to_string()])
            .arg("--cookie")
            .arg(self.jar_file())
            .args(["--request", method, &format!("{}{path}?[1-{count}]", self.origin)])
            .output()
            .expect("curl can be started");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }

    /// GET.
    #[must_use]
    pub fn get(&self, path: &str) -> Answer {
        self.send("GET", path, &[])
    }

    /// A request with a JSON body, with the session's CSRF token where there is one.
    #[must_use]
    pub fn write(&self, method: &str, path: &str, body: &str) -> Answer {
        let token = self.csrf_token().map(|token| format!("X-CSRF-Token: {token}"));
        self.send_json(method, path, body, &token.iter().map(String::as_str).collect::<Vec<_>>())
    }

    /// A request without a body, with the session's CSRF token where there is one.
    #[must_use]
    pub fn act(&self, method: &str, path: &str) -> Answer {
        match self.csrf_token() {
            Some(token) => self.send(method, path, &["--header", &format!("X-CSRF-Token: {token}")]),
            None => self.send(method, path, &[]),
        }
    }

    /// A request with a JSON body and further headers, each as `Name: value`.
    #[must_use]
    pub fn send_json(&self, method: &str, path: &str, body: &str, headers: &[&str]) -> Answer {
        let mut arguments = vec!["--header", "Content-Type: application/json", "--data", body];
        for header in headers {
            arguments.extend(["--header", header]);
        }
        self.send(method, path, &arguments)
    }

    /// Puts a cookie into the jar, for all paths and until the visitor leaves. The value is as it shall be sent.
    pub fn keep(&self, name: &str, value: &str) {
        let mut text = std::fs::read_to_string(self.jar_file()).unwrap_or_default();
        let host =
            self.origin.split([':', '/']).find(|part| part.contains('.')).expect("an origin has a host");
        text.push_str(&format!("{host}\tFALSE\t/\tFALSE\t0\t{name}\t{value}\n"));
        std::fs::write(self.jar_file(), text).expect("the jar can be written");
    }

    /// Takes a cookie out of the jar.
    pub fn remove(&self, name: &str) {
        let text = std::fs::read_to_string(self.jar_file()).unwrap_or_default();
        let others =
            text.lines().filter(|line| StoredCookie::parse(line).is_none_or(|cookie| cookie.name != name));
        let text: String = others.flat_map(|line| [line, "\n"]).collect();
        std::fs::write(self.jar_file(), text).expect("the jar can be written");
    }

    /// The CSRF token that the companion cookie tells, as a page would read it.
    #[must_use]
    pub fn csrf_token(&self) -> Option<String> {
        let readable = self.jar().into_iter().filter(|cookie| !cookie.http_only);
        readable
            .filter_map(|cookie| Some(Companion::parse(&cookie.value).ok()?.csrf_token().to_owned()))
            .next()
    }

    /// The session's cookie: the one that no script may read.
    #[must_use]
    pub fn session_cookie(&self) -> Option<StoredCookie> {
        self.jar().into_iter().find(|cookie| cookie.http_only)
    }

    /// The cookies in the jar.
    #[must_use]
    pub fn jar(&self) -> Vec<StoredCookie> {
        let text = std::fs::read_to_string(self.jar_file()).unwrap_or_default();
        text.lines().filter_map(StoredCookie::parse).collect()
    }

    fn jar_file(&self) -> std::path::PathBuf {
        self.folder.path().join("jar.txt")
    }
}

impl Answer {
    /// The first header of that name, in any letter case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers(name).into_iter().next()
    }

    /// Every header of that name, in any letter case.
    #[must_use]
    pub fn headers(&self, name: &str) -> Vec<&str> {
        let same = |(key, _): &&(String, String)| key.eq_ignore_ascii_case(name);
        self.headers.iter().filter(same).map(|(_, value)| value.as_str()).collect()
    }

    /// The code of a problem document (RFC 9457).
    #[must_use]
    pub fn problem(&self) -> String {
        assert_eq!(self.header("content-type"), Some(Problem::MEDIA_TYPE), "{self:?}");
        let problem = self.json();
        assert_eq!(problem["status"], self.status, "status and body disagree");
        problem["code"].as_str().unwrap_or_else(|| panic!("a problem without a code: {self:?}")).to_owned()
    }

    /// The body, as text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.body
    }

    /// The body, as JSON.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("not JSON ({error}): {self:?}"))
    }

    fn parse(text: &str) -> Self {
        let (head, body) = text.split_once("\r\n\r\n").expect("an answer has a head");
        let mut lines = head.lines();
        let status =
            lines.next().and_then(|line| line.split(' ').nth(1)).and_then(|status| status.parse().ok());
        let headers = lines.filter_map(|line| line.split_once(':'));
        Self {
            status: status.expect("an answer begins with its status"),
            headers: headers.map(|(name, value)| (name.to_owned(), value.trim().to_owned())).collect(),
            body: body.to_owned(),
        }
    }
}

impl StoredCookie {
    // Domain, subdomains, path, secure, expiry, name and value, between tabs.
    fn parse(line: &str) -> Option<Self> {
        let (line, http_only) = match line.strip_prefix("#HttpOnly_") {
            Some(rest) => (rest, true),
            None => (line, false),
        };
        if line.starts_with('#') {
            return None;
        }
        let mut fields = line.split('\t').skip(5);
        let name = fields.next()?.to_owned();
        Some(Self { name, value: fields.next().unwrap_or_default().to_owned(), http_only })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_jar_line_is_read() {
        let line = "#HttpOnly_127.0.0.1\tFALSE\t/\tFALSE\t0\tid\ts%3Aabc";
        let cookie = StoredCookie::parse(line).expect("a cookie");
        assert_eq!(cookie, StoredCookie { name: "id".into(), value: "s%3Aabc".into(), http_only: true });
        assert_eq!(StoredCookie::parse("# Netscape HTTP Cookie File"), None);
        assert_eq!(StoredCookie::parse(""), None);
    }

    #[test]
    fn an_answer_is_read() {
        let answer = Answer::parse("HTTP/1.1 200 OK\r\nVary: a\r\nvary: b\r\n\r\n{\"n\":1}");
        assert_eq!(
            (answer.status, answer.headers("VARY"), answer.json()["n"].as_u64()),
            (200, vec!["a", "b"], Some(1))
        );
    }
}
