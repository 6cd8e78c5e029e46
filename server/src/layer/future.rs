//! Waits for the inner response, and lets it go only when the session is committed.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use http::{HeaderMap, HeaderValue, Response, header};
use pin_project_lite::pin_project;
use twinjar_shared::session::Companion;

use super::config::Shared;
use super::transport::Transport;
use crate::problem;
use crate::session::{CookieChange, Session, SessionError, State};

type Finishing = Pin<Box<dyn Future<Output = Result<(), SessionError>> + Send>>;

pin_project! {
    /// The response of a [`SessionService`](super::SessionService).
    pub struct ResponseFuture<F, B> {
        #[pin]
        inner: F,
        session: Session,
        shared: Arc<Shared>,
        transport: Transport,
        finishing: Option<(Finishing, Response<B>)>,
    }
}

impl<F, B> ResponseFuture<F, B> {
    pub(super) fn new(inner: F, session: Session, shared: Arc<Shared>, transport: Transport) -> Self {
        Self { inner, session, shared, transport, finishing: None }
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
        if this.finishing.is_none() {
            let mut response = ready!(this.inner.poll(context))?;
            if !this.session.is_used() && !this.session.engine().save_uninitialized {
                return Poll::Ready(Ok(response));
            }
            if let Some(mut state) = this.session.try_state()
                && this.session.engine().is_settled(&state)
            {
                seal(&mut state, this.session, this.shared, *this.transport, response.headers_mut());
                return Poll::Ready(Ok(response));
            }
            let session = this.session.clone();
            let finish = async move {
                let mut state = session.state().await;
                session.engine().finish(session.cookies(), &mut state).await
            };
            *this.finishing = Some((Box::pin(finish), response));
        }
        let Some((finish, _)) = this.finishing else { unreachable!("set above") };
        let outcome = ready!(finish.as_mut().poll(context));
        let Some((_, mut response)) = this.finishing.take() else { unreachable!("set above") };
        if let Err(error) = outcome {
            // Nothing that was not stored may look as if it were.
            response = problem::answer(&error);
        }
        if let Some(mut state) = this.session.try_state() {
            seal(&mut state, this.session, this.shared, *this.transport, response.headers_mut());
        }
        Poll::Ready(Ok(response))
    }
}

/// The last word on the session: its cookies, the caching headers, and the next request's turn.
fn seal(
    state: &mut State,
    session: &Session,
    shared: &Shared,
    transport: Transport,
    headers: &mut HeaderMap,
) {
    let Transport { https, loopback } = transport;
    if state.tells_browser() && !shared.lines.can_be_set(https, loopback) {
        tracing::warn!(
            "session cookie withheld: it is Secure and the request came over plain http; serve over https, or behind \
             a proxy with trust_forwarded_proto or assume_https"
        );
    } else {
        set_cookie(state, shared, https, headers);
        set_companion(state, session, shared, https, headers);
    }
    forbid_caching(headers);
    state.seal();
}

fn set_cookie(state: &State, shared: &Shared, https: bool, headers: &mut HeaderMap) {
    let line = match state.cookie {
        CookieChange::Keep => return,
        CookieChange::Clear => shared.lines.removal(https),
        CookieChange::Set(id) => {
            shared.lines.set(&shared.engine.token.write(&id), max_age(state, shared), https)
        }
    };
    headers.append(header::SET_COOKIE, line);
}

/// The companion follows the session: set when what it tells has changed, or is missing; cleared with it.
fn set_companion(state: &State, session: &Session, shared: &Shared, https: bool, headers: &mut HeaderMap) {
    let Some(lines) = &shared.companion else { return };
    let is_there = || session.cookies().get_all(&lines.name).next().is_some();
    let line = match state.live() {
        Some(live) if state.tells_browser() || !is_there() => {
            let token = shared.engine.token.csrf_token(&live.id);
            let deadlines =
                (live.record.deadline.as_millis(), live.record.meta.absolute_deadline.as_millis());
            let companion =
                Companion::new(&token, live.record.revision, Some(deadlines.0), Some(deadlines.1));
            lines.set(&companion.expect("the token is base64url").to_text(), max_age(state, shared), https)
        }
        None if is_there() => lines.removal(https),
        Some(_) | None => return,
    };
    headers.append(header::SET_COOKIE, line);
}

/// The lifetime of a cookie that outlives the browser, in seconds: as long as the session has.
fn max_age(state: &State, shared: &Shared) -> Option<u64> {
    let live = state.live().filter(|live| live.record.meta.persistent)?;
    Some(live.record.deadline.since(shared.engine.clock.now()).as_secs())
}

/// A response that depends on the session is for this client alone.
fn forbid_caching(headers: &mut HeaderMap) {
    const NO_STORE: HeaderValue = HeaderValue::from_static("no-store");
    let forbids =
        |value: &HeaderValue| value.as_bytes().windows(8).any(|word| word.eq_ignore_ascii_case(b"no-store"));
    if !headers.get(header::CACHE_CONTROL).is_some_and(forbids) {
        headers.insert(header::CACHE_CONTROL, NO_STORE);
    }
    let names_cookie = |value: &HeaderValue| {
        let names = value.as_bytes().split(|&byte| byte == b',').map(<[u8]>::trim_ascii);
        names.into_iter().any(|name| name == b"*" || name.eq_ignore_ascii_case(b"cookie"))
    };
    if !headers.get_all(header::VARY).iter().any(names_cookie) {
        headers.append(header::VARY, HeaderValue::from_static("Cookie"));
    }
}
