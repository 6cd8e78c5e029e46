//! Waits for the inner response, and lets it go only when the session is committed.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_util::FutureExt;
use http::header::{self, Entry};
use http::{HeaderMap, HeaderValue, Response};
use pin_project_lite::pin_project;
use twinjar_shared::session::Companion;

use crate::cookies::{Lint, Transport};
use crate::id::TokenForm;
use crate::problem;
use crate::session::spans::spanned;
use crate::session::{CookieChange, Engine, Session, SessionError, State};

pin_project! {
    /// The response of a [`SessionService`](super::SessionService).
    pub struct ResponseFuture<F, B> {
        #[pin]
        inner: F,
        session: Session,
        transport: Transport,
        lint: Lint,
        finishing: Option<Box<Finishing<B>>>,
    }
}

/// A response that waits for the store.
struct Finishing<B> {
    commit: Pin<Box<dyn Future<Output = Result<(), SessionError>> + Send>>,
    response: Response<B>,
}

impl<F, B> ResponseFuture<F, B> {
    pub(super) fn new(inner: F, session: Session, transport: Transport, lint: Lint) -> Self {
        Self { inner, session, transport, lint, finishing: None }
    }
}

impl<F, B, E> Future for ResponseFuture<F, B>
where
    F: Future<Output = Result<Response<B>, E>>,
    B: From<String>,
{
    type Output = Result<Response<B>, E>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let mut finishing = match this.finishing.take() {
            Some(finishing) => finishing,
            None => {
                let mut response = ready!(this.inner.poll(context))?;
                if this.session.is_unused() {
                    this.session.mark_sent();
                    return Poll::Ready(Ok(response));
                }
                if response.status().is_server_error() && !this.session.engine().save_on_server_error {
                    this.session.try_state().as_deref_mut().map(State::forget_changes);
                }
                if seal_settled(this.session, *this.transport, response.headers_mut()) {
                    return Poll::Ready(Ok(response));
                }
                if this.session.engine().answers_at_once
                    && let Some(outcome) = commit(this.session.clone()).now_or_never()
                {
                    let response = sealed(response, outcome, this.session, *this.transport, this.lint);
                    return Poll::Ready(Ok(response));
                }
                Box::new(Finishing {
                    commit: Box::pin(spanned("finish", commit(this.session.clone()))),
                    response,
                })
            }
        };
        let Poll::Ready(outcome) = finishing.commit.as_mut().poll(context) else {
            *this.finishing = Some(finishing);
            return Poll::Pending;
        };
        Poll::Ready(Ok(sealed(finishing.response, outcome, this.session, *this.transport, this.lint)))
    }
}

async fn commit(session: Session) -> Result<(), SessionError> {
    let mut state = session.state().await;
    session.engine().finish(session.cookies(), &mut state).await
}

/// The response after the commit. Nothing that was not stored may look as if it were.
fn sealed<B: From<String>>(
    mut response: Response<B>,
    outcome: Result<(), SessionError>,
    session: &Session,
    transport: Transport,
    lint: &Lint,
) -> Response<B> {
    if let Err(error) = outcome {
        response = problem::answer(&error);
    }
    if let Some(mut state) = session.try_state() {
        seal(&mut state, session, transport, response.headers_mut());
    }
    lint.check(response.headers(), || session.now());
    response
}

/// Seals the session if the store has nothing more to hear: the usual end of a request that only reads.
fn seal_settled(session: &Session, transport: Transport, headers: &mut HeaderMap) -> bool {
    let Some(mut state) = session.try_state() else { return false };
    let settled = session.engine().is_settled(&state);
    if settled {
        seal(&mut state, session, transport, headers);
    }
    settled
}

/// The last word on the session: its cookies, the caching headers, and the next request's turn.
fn seal(state: &mut State, session: &Session, transport: Transport, headers: &mut HeaderMap) {
    let (Transport { https, loopback }, engine) = (transport, session.engine());
    if let Some(foreign) = &engine.foreign {
        headers.extend(foreign.cookie_line(state).map(|line| (header::SET_COOKIE, line)));
    } else if state.tells_browser() && !engine.lines.can_be_set(https, loopback) {
        tracing::warn!(
            "session cookie withheld: it is Secure and the request came over plain http; serve over https, or behind \
             a proxy with trust_forwarded_proto or assume_https"
        );
    } else {
        if let Some(adopter) = &engine.adopter {
            headers.extend(adopter.cookie_line(state).map(|line| (header::SET_COOKIE, line)));
        }
        set_cookie(state, engine, https, headers);
        set_companion(state, session, engine, https, headers);
    }
    forbid_caching(headers);
    session.mark_sent();
    state.end_turn();
}

fn set_cookie(state: &State, engine: &Engine, https: bool, headers: &mut HeaderMap) {
    let line = match state.cookie {
        CookieChange::Keep => return,
        CookieChange::Clear => engine.lines.removal(https),
        CookieChange::Set(id) => {
            let write = |out: &mut String| engine.token.write(&id, out);
            engine.lines.set(TokenForm::LENGTH, write, max_age(state, engine), https)
        }
    };
    headers.append(header::SET_COOKIE, line);
}

/// The companion follows the session: set when what it tells has changed, or is missing; cleared with it.
fn set_companion(state: &State, session: &Session, engine: &Engine, https: bool, headers: &mut HeaderMap) {
    let Some(lines) = &engine.companion else { return };
    let is_there = || session.cookies().get_all(&lines.name).next().is_some();
    let line = match state.live() {
        Some(live) if state.tells_browser() || !is_there() => {
            let token = engine.token.csrf_token(&live.id);
            let deadlines =
                (live.record.deadline.as_millis(), live.record.meta.absolute_deadline.as_millis());
            let companion =
                Companion::new(&token, live.record.revision, Some(deadlines.0), Some(deadlines.1));
            let text = companion.expect("the token is base64url").to_text();
            lines.set(text.len(), |out| out.push_str(&text), max_age(state, engine), https)
        }
        None if !state.overtaken && is_there() => lines.removal(https),
        Some(_) | None => return,
    };
    headers.append(header::SET_COOKIE, line);
}

/// The lifetime of a cookie that outlives the browser, in seconds: as long as the session has.
fn max_age(state: &State, engine: &Engine) -> Option<u64> {
    let live = state.live().filter(|live| live.record.meta.persistent)?;
    Some(live.record.deadline.since(engine.clock.now()).as_secs())
}

/// A response that depends on the session is for this client alone.
fn forbid_caching(headers: &mut HeaderMap) {
    const NO_STORE: HeaderValue = HeaderValue::from_static("no-store");
    const COOKIE: HeaderValue = HeaderValue::from_static("Cookie");
    match headers.entry(header::CACHE_CONTROL) {
        Entry::Vacant(entry) => drop(entry.insert(NO_STORE)),
        Entry::Occupied(mut entry) if !has_item(entry.get(), b"no-store") => drop(entry.insert(NO_STORE)),
        Entry::Occupied(_) => {}
    }
    match headers.entry(header::VARY) {
        Entry::Vacant(entry) => drop(entry.insert(COOKIE)),
        Entry::Occupied(mut entry) => {
            if !entry.iter().any(|names| has_item(names, b"cookie") || has_item(names, b"*")) {
                entry.append(COOKIE);
            }
        }
    }
}

/// Whether a comma list has the item, in whatever case.
fn has_item(list: &HeaderValue, item: &[u8]) -> bool {
    list.as_bytes().split(|&byte| byte == b',').any(|one| one.trim_ascii().eq_ignore_ascii_case(item))
}
