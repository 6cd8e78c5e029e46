//! What a request may be, and how long it may take. Each refusal is a problem document with a code of its own.
//!
//! | limit | answer |
//! |---|---|
//! | 32 KiB of header | 431 `header_too_large` |
//! | 128 KiB of body | 413 `value_too_large` |
//! | 10 seconds until the body is there | 408 `request_timeout` |
//! | 30 seconds until the answer begins; event streams go on after that | 503 `overloaded` |
//! | `--max-connections` | 503 `overloaded` on the connection that is one too many |

use std::time::Duration;

use axum::body::Body;
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use axum::{Json, body};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use http_body::Body as _;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use tokio::time::timeout;
use twinjar_shared::session::{Problem, ProblemCode};

const MAX_HEADER_BYTES: usize = 32 * 1024;
const MAX_BODY_BYTES: usize = 128 * 1024;
const MAX_DRAINED_BYTES: usize = 1024 * 1024;
const BODY_TIME: Duration = Duration::from_secs(10);
const DRAIN_TIME: Duration = Duration::from_secs(2);
const ANSWER_TIME: Duration = Duration::from_secs(30);

/// Refuses what is beyond the limits; handlers get whole bodies.
pub(crate) async fn keep(request: Request, next: Next) -> Response {
    let request = match within_limits(request).await {
        Ok(request) => request,
        Err(refused) => return problem(&refused),
    };
    let answered = timeout(ANSWER_TIME, next.run(request)).await;
    answered.unwrap_or_else(|_| problem(&Problem::new(ProblemCode::Overloaded, "The answer takes too long.")))
}

async fn within_limits(request: Request) -> Result<Request, Problem> {
    if size_of(request.headers()) + request.uri().to_string().len() > MAX_HEADER_BYTES {
        let detail = "The request's header is larger than 32 KiB; remove cookies that are not needed.";
        return Err(Problem::new(ProblemCode::HeaderTooLarge, detail));
    }
    let (head, mut body) = request.into_parts();
    let too_large = || Problem::new(ProblemCode::ValueTooLarge, "The request's body is larger than 128 KiB.");
    // What the client announces is refused before it is sent, where the client waits for that.
    if body.size_hint().lower() > MAX_BODY_BYTES as u64 {
        if !head.headers.contains_key(header::EXPECT) {
            drain(body).await;
        }
        return Err(too_large());
    }
    if body.is_end_stream() {
        return Ok(Request::from_parts(head, body));
    }
    match timeout(BODY_TIME, Limited::new(&mut body, MAX_BODY_BYTES).collect()).await {
        Ok(Ok(whole)) => Ok(Request::from_parts(head, Body::from(whole.to_bytes()))),
        Ok(Err(error)) if error.is::<LengthLimitError>() => {
            drain(body).await;
            Err(too_large())
        }
        Ok(Err(_)) => Err(Problem::new(ProblemCode::MalformedRequest, "The body did not arrive whole.")),
        Err(_) => {
            let detail = "The request's body did not arrive within 10 seconds.";
            Err(Problem::new(ProblemCode::RequestTimeout, detail))
        }
    }
}

/// Takes in what is on its way of a refused body, within limits. Else the connection would be reset, and the client, which
/// is still sending, might never read the answer (RFC 9112 section 9.6).
async fn drain(mut body: Body) {
    let draining = async {
        let mut drained = 0;
        while drained <= MAX_DRAINED_BYTES
            && let Some(Ok(frame)) = body.frame().await
        {
            drained += frame.data_ref().map_or(0, body::Bytes::len);
        }
    };
    // Who takes longer has had the time.
    let _ = timeout(DRAIN_TIME, draining).await;
}

fn size_of(headers: &HeaderMap) -> usize {
    // A colon, a space and the line's end.
    headers.iter().map(|(name, value)| name.as_str().len() + value.len() + 4).sum()
}

/// Where programs ask, and not people.
pub(crate) async fn not_found() -> Response {
    problem(&Problem::new(ProblemCode::NotFound, "There is no such route."))
}

pub(crate) async fn method_not_allowed() -> Response {
    problem(&Problem::new(ProblemCode::MethodNotAllowed, "This route does not take the method; see Allow."))
}

/// The response that carries a problem of the demo server's own.
pub(crate) fn problem(problem: &Problem) -> Response {
    let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = (status, Json(problem)).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(Problem::MEDIA_TYPE));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if matches!(problem.status, 429 | 503) {
        headers.insert(header::RETRY_AFTER, HeaderValue::from_static("2"));
    }
    if status == StatusCode::UNAUTHORIZED {
        // As the library's; no browser asks for a password by itself.
        headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Session"));
    }
    if problem.code == ProblemCode::RequestTimeout {
        // The rest of the body may still come: it is no next request.
        headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    response
}

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::middleware::from_fn;
    use axum::routing::get;
    use http_body_util::StreamBody;
    use tokio::time::{Instant, sleep};
    use tower::ServiceExt;

    use super::*;

    async fn ask(router: Router) -> Response {
        let request = Request::get("/").body(Body::empty()).expect("a request");
        router.layer(from_fn(keep)).oneshot(request).await.expect("an answer")
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_that_does_not_begin_is_not_waited_for() {
        let begun = Instant::now();
        let never = Router::new().route("/", get(std::future::pending::<()>));
        let refused = ask(never).await;
        assert_eq!(begun.elapsed(), ANSWER_TIME);
        assert_eq!(
            (refused.status(), &refused.headers()[header::RETRY_AFTER]),
            (StatusCode::SERVICE_UNAVAILABLE, &HeaderValue::from_static("2"))
        );
        let text = refused.into_body().collect().await.expect("a body").to_bytes();
        let problem: Problem = serde_json::from_slice(&text).expect("a problem");
        assert_eq!(problem.code, ProblemCode::Overloaded);
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_that_has_begun_goes_on() {
        let late = async || {
            let piece = futures_util::stream::once(async {
                sleep(2 * ANSWER_TIME).await;
                Ok::<_, std::convert::Infallible>(http_body::Frame::data(body::Bytes::from("late")))
            });
            Body::new(StreamBody::new(piece))
        };
        let answer = ask(Router::new().route("/", get(late))).await;
        assert_eq!(answer.status(), StatusCode::OK);
        assert_eq!(answer.into_body().collect().await.expect("a body").to_bytes(), "late");
    }
}
