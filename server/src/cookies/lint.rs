//! What a browser would do with the `Set-Cookie` lines of a response, told in the log of debug builds.

use http::{HeaderMap, Request, header};
use twinjar_shared::policy::{Context, RequestUrl, Verdict, judge};

use super::Transport;

/// The page that a response is for. Empty in release builds, where nothing is linted.
pub(crate) struct Lint(Option<Target>);

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
        Self(host.map(|host| Target {
            https: transport.https,
            host: host.to_owned(),
            path: uri.path().to_owned(),
        }))
    }

    /// Warns of every line that a browser would drop. `now` is in seconds since the Unix epoch.
    pub(crate) fn check(&self, headers: &HeaderMap, now: i64) {
        let Some(Target { https, host, path }) = &self.0 else { return };
        let Ok(url) = RequestUrl::from_parts(*https, host, path) else { return };
        for line in headers.get_all(header::SET_COOKIE) {
            if let Verdict::Refused(refusal) = judge(line.as_bytes(), &Context::http(&url), &[], now) {
                let name = line.as_bytes().split(|&byte| byte == b'=').next().unwrap_or_default();
                let cookie = String::from_utf8_lossy(name).into_owned();
                tracing::warn!(
                    cookie,
                    code = refusal.code(),
                    "browsers drop this cookie: {}",
                    refusal.message()
                );
            }
        }
    }
}
