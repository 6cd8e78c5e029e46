//! Waits for the inner response, and lets it go only when the session is committed.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_util::FutureExt;
use http::{HeaderMap, HeaderValue, Response, header};
use pin_project_lite::pin_project;
use smallvec::SmallVec;

use super::caching::forbid_caching;
use super::companion;
use crate::cookies::{Lint, Transport};
use crate::id::TokenForm;
use crate::problem;
use crate::session::spans::spanned;
use crate::session::{CookieChange, Engine, Session, SessionError, State};
use crate::store::{StoreError, StoreErrorKind};

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

    impl<F, B> PinnedDrop for ResponseFuture<F, B> {
        // The client has gone, or the handler has panicked.
        fn drop(this: Pin<&mut Self>) {
            this.project().session.abandon();
        }
    }
}

/// A response that waits for the store.
struct Finishing<B> {
    commit: Pin<Box<dyn Future<Output = Outcome> + Send>>,
    response: Response<B>,
}

/// What became of the commit, and what the browser is told of the session.
type Outcome = (Result<(), SessionError>, Lines);

/// The values of `Set-Cookie`: the session's cookie and its companion, at most one more for an adopted one.
type Lines = SmallVec<[HeaderValue; 2]>;

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
                if this.session.leaves_unused() {
                    return Poll::Ready(Ok(response));
                }
                // Under one guard, since this is how all requests end that only read.
                if let Some(mut state) = this.session.try_state() {
                    judge(&mut state, this.session.engine(), &mut response);
                    if this.session.engine().is_settled(&state) {
                        let lines = seal(&mut state, this.session, *this.transport);
                        tell(lines, this.session, response.headers_mut());
                        return Poll::Ready(Ok(response));
                    }
                }
                if this.session.engine().answers_at_once
                    && let Some(outcome) = commit(this.session.clone(), *this.transport).now_or_never()
                {
                    return Poll::Ready(Ok(sealed(response, outcome, this.session, this.lint)));
                }
                let commit = Box::pin(spanned("finish", commit(this.session.clone(), *this.transport)));
                Box::new(Finishing { commit, response })
            }
        };
        let Poll::Ready(outcome) = finishing.commit.as_mut().poll(context) else {
            *this.finishing = Some(finishing);
            return Poll::Pending;
        };
        Poll::Ready(Ok(sealed(finishing.response, outcome, this.session, this.lint)))
    }
}

async fn commit(session: Session, transport: Transport) -> Outcome {
    let mut state = session.state().await;
    let outcome = session.engine().finish(session.cookies(), &mut state).await;
    // Under the same guard: what somebody changes after this is committed at once, or refused.
    (outcome, seal(&mut state, &session, transport))
}

/// The response after the commit. Nothing that was not stored may look as if it were.
fn sealed<B: From<String>>(
    mut response: Response<B>,
    (outcome, lines): Outcome,
    session: &Session,
    lint: &Lint,
) -> Response<B> {
    if let Err(error) = outcome {
        response = problem::answer(&error);
    }
    tell(lines, session, response.headers_mut());
    lint.check(response.headers(), || session.now());
    response
}

/// What the handler's answer says of the session's changes, and a store that failed of the answer.
fn judge<B: From<String>>(state: &mut State, engine: &Engine, response: &mut Response<B>) {
    if response.status().is_server_error() {
        if !engine.save_on_server_error {
            state.forget_changes();
        }
    } else if state.unknown && !engine.fail_open {
        // Whatever the handler has made of it, it would be the answer for somebody without a session.
        *response = problem::answer(&StoreError::new(StoreErrorKind::Unavailable).into());
    }
}

fn tell(lines: Lines, session: &Session, headers: &mut HeaderMap) {
    // What depends on no session, and says nothing of one, may be the same for everybody.
    if session.is_used() || !lines.is_empty() {
        forbid_caching(headers);
    }
    for line in lines {
        headers.append(header::SET_COOKIE, line);
    }
}

/// The last word on the session: its cookies, and the next request's turn.
fn seal(state: &mut State, session: &Session, transport: Transport) -> Lines {
    let (Transport { https, loopback }, engine) = (transport, session.engine());
    let mut lines = Lines::new();
    if let Some(foreign) = &engine.foreign {
        lines.extend(foreign.cookie_line(state));
        // It is Secure, whatever the foreign cookie is.
        if engine.companion.as_ref().is_some_and(|lines| lines.can_be_set(https, loopback)) {
            lines.extend(companion::line(state, session, https));
        }
    } else if state.tells_browser() && !engine.lines.can_be_set(https, loopback) {
        tracing::warn!(
            "session cookie withheld: it is Secure and the request came over plain http; serve over https, or behind \
             a proxy with trust_forwarded_proto or assume_https"
        );
    } else {
        if let Some(adopter) = &engine.adopter {
            lines.extend(adopter.cookie_line(state));
        }
        lines.extend(cookie(state, engine, https));
        lines.extend(companion::line(state, session, https));
    }
    session.mark_sent();
    state.end_turn();
    lines
}

fn cookie(state: &State, engine: &Engine, https: bool) -> Option<HeaderValue> {
    match state.cookie {
        CookieChange::Keep => None,
        CookieChange::Clear => Some(engine.lines.removal(https)),
        CookieChange::Set(id) => {
            let write = |out: &mut String| engine.token.write(&id, out);
            Some(engine.lines.set(TokenForm::LENGTH, write, max_age(state, engine), https))
        }
    }
}

/// The lifetime of a cookie that outlives the browser, in seconds: as long as the session has.
pub(super) fn max_age(state: &State, engine: &Engine) -> Option<u64> {
    let live = state.live().filter(|live| live.record.meta.persistent)?;
    Some(live.record.deadline.since(engine.clock.now()).as_secs())
}
