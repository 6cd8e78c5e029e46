//! What a browser would do with the `Set-Cookie` lines of a response, told in the log of debug builds.

use http::{HeaderMap, Request, header};
use twinjar_shared::policy::{Context, Refusal, RequestUrl, Verdict, judge};

use super::Transport;
use crate::UnixMillis;

/// The page that a response is for. Empty in release builds, where nothing is linted.
pub(crate) struct Lint(Option<Box<Target>>);

struct Target {
    https: bool,
    host: String,
    path: String,
}

impl Lint {
    pub(crate) fn of<B>(request: &Request<B>, transport: Transport) -> Self {
        if !cfg!(debug_assertions) {
            return Self(None);
        }
        let uri = request.uri();
        let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok());
        let host = uri.authority().map(http::uri::Authority::as_str).or(host);
        Self(host.map(|host| {
            let (host, path) = (host.to_owned(), uri.path().to_owned());
            Box::new(Target { https: transport.https, host, path })
        }))
    }

    /// Warns of every line that a browser would drop.
    pub(crate) fn check(&self, headers: &HeaderMap, now: impl FnOnce() -> UnixMillis) {
        if self.0.is_none() {
            return;
        }
        for (cookie, refusal) in self.refused(headers, now().as_seconds()) {
            tracing::warn!(cookie, code = refusal.code(), "browsers drop this cookie: {}", refusal.message());
        }
    }

    /// The names of the cookies that a browser would drop, and why.
    fn refused(&self, headers: &HeaderMap, now: i64) -> Vec<(String, Refusal)> {
        let Some(target) = &self.0 else { return Vec::new() };
        let Target { https, host, path } = &**target;
        let Ok(url) = RequestUrl::from_parts(*https, host, path) else { return Vec::new() };
        let mut refused = Vec::new();
        for line in headers.get_all(header::SET_COOKIE) {
            if let Verdict::Refused(refusal) = judge(line.as_bytes(), &Context::http(&url), &[], now) {
                let name = line.as_bytes().split(|&byte| byte == b'=').next().unwrap_or_default();
                refused.push((String::from_utf8_lossy(name).into_owned(), refusal));
            }
        }
        refused
    }
}

// Release builds lint nothing.
#[cfg(all(test, debug_assertions))]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn cookies_that_a_browser_would_drop_are_noticed() {
        let request =
            Request::builder().uri("/app").header(header::HOST, "app.example").body(()).expect("a request");
        let lint = Lint::of(&request, Transport { https: false, loopback: false });
        let mut headers = HeaderMap::new();
        for line in ["kept=1", "id=1; Secure", "__Host-x=1; Path=/", "far=1; Domain=other.example"] {
            headers.append(header::SET_COOKIE, HeaderValue::from_static(line));
        }
        let refused = lint.refused(&headers, 1_767_225_600);
        let names: Vec<_> = refused.iter().map(|(name, _)| &**name).collect();
        assert_eq!(names, ["id", "__Host-x", "far"]);
        assert_eq!(refused[2].1.code(), "domain_foreign");
    }
}
