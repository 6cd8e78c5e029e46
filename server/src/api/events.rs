//! The event stream: what happens to the session, in the words of [`SessionEvent`].

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{RawQuery, State};
use axum::response::sse::{Event, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::stream::{self, StreamExt};
use http::{HeaderMap, HeaderName, HeaderValue};
use twinjar_shared::session::{ProblemCode, SessionEvent};

use super::SessionApi;
use super::reject::Rejection;
use crate::session::{Feed, News, NoFeed, Session};

/// How long a browser waits before it connects again.
const RECONNECT: Duration = Duration::from_secs(2);
const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");

/// What happens to the session, as server-sent events named `changed`, `expiring` and `ended`.
///
/// An open stream never keeps a session alive. A page that says what it knows, by the last event's id or the revision,
/// is told at once of what it has missed.
#[cfg_attr(feature = "openapi", utoipa::path(
    get, path = "/events", params(super::openapi::KnownRevision), operation_id = "events", tag = "session",
    responses((
        status = 200, description = "The stream; it ends with the session", content_type = "text/event-stream",
        body = String,
    )),
    extensions(("x-codes" = json!(["no_session", "too_many_requests", "not_supported"]))),
))]
pub(super) async fn stream(
    State(api): State<Arc<SessionApi>>,
    session: Session,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Result<Response, Rejection> {
    let mut feed = session.feed(api.timing, api.streams).await?;
    let position = position(&feed);
    let has_missed = match headers.get(LAST_EVENT_ID) {
        Some(last) => *last != *position,
        None => known_revision(query.as_deref()).is_some_and(|known| known != feed.position().1.to_string()),
    };
    if has_missed {
        feed.catch_up();
    }
    // Without data, this is no event but tells the browser where it is.
    let opening = stream::iter([Event::default().retry(RECONNECT).id(position)]);
    let events = opening.chain(stream::unfold(Some(feed), next)).map(Ok::<_, Infallible>);
    let mut response = Sse::new(events).into_response();
    // Proxies of nginx' kind would else hold events back.
    response.headers_mut().insert("x-accel-buffering", HeaderValue::from_static("no"));
    Ok(response)
}

/// The feed goes with the last event, and its place is free, whether or not the browser hangs up.
async fn next(feed: Option<Feed>) -> Option<(Event, Option<Feed>)> {
    let mut feed = feed?;
    let news = feed.next().await?;
    let News::Event(event) = news else { return Some((Event::default().comment(""), Some(feed))) };
    let text = serde_json::to_string(&event).expect("an event is JSON");
    let written = Event::default().event(event.name()).id(position(&feed)).data(text);
    let feed = if matches!(event, SessionEvent::Ended { .. }) { None } else { Some(feed) };
    Some((written, feed))
}

/// What a browser says when it connects again, so that it hears what it has missed.
fn position(feed: &Feed) -> String {
    let (handle, revision) = feed.position();
    format!("{handle}.{revision}")
}

/// A new `EventSource` cannot send an event's id, so a page that opens one names the revision. It is only compared.
fn known_revision(query: Option<&str>) -> Option<&str> {
    query?.split('&').find_map(|pair| pair.strip_prefix("revision="))
}

impl From<NoFeed> for Rejection {
    fn from(reason: NoFeed) -> Self {
        match reason {
            NoFeed::NoSession => Self::new(ProblemCode::NoSession, "There is no session to watch."),
            NoFeed::TooMany => Self::new(
                ProblemCode::TooManyRequests,
                "Too many event streams are open; close some, or come back later.",
            ),
            NoFeed::Failed(error) => error.into(),
        }
    }
}
