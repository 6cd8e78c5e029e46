//! `GET /metrics`: what the server counts, in the text format that Prometheus reads.

use std::sync::Arc;
use std::time::Instant;

use anyhow::Result;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::{StatusCode, header};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};
use twinjar_server::{SessionEvent, SessionEvents};

/// Upper bounds in seconds, from an answer out of memory to the request timeout.
const DURATIONS: [f64; 13] =
    [0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 10.0];

/// A single label, with a value from a short fixed list: what visitors send never makes a new series.
type Label = [(&'static str, &'static str); 1];

/// The counters; clones count together.
#[derive(Clone)]
pub(crate) struct Metrics {
    sessions: Family<Label, Counter>,
    requests: Family<Label, Counter>,
    duration: Histogram,
    registry: Arc<Registry>,
}

impl Metrics {
    pub(crate) fn new() -> Self {
        let (sessions, requests) = (Family::<Label, Counter>::default(), Family::<Label, Counter>::default());
        let duration = Histogram::new(DURATIONS);
        // From the start, so that rates are right from the first event on.
        for event in ["created", "rotated", "user_set", "destroyed", "expired", "replay_revoked"] {
            drop(sessions.get_or_create(&[("event", event)]));
        }
        let mut registry = Registry::default();
        registry.register("twinjar_session_events", "What has happened to sessions", sessions.clone());
        registry.register("http_requests", "Requests by the class of their status", requests.clone());
        registry.register_with_unit(
            "http_request_duration",
            "The time until the response headers",
            Unit::Seconds,
            duration.clone(),
        );
        Self { sessions, requests, duration, registry: Arc::new(registry) }
    }

    fn text(&self) -> Result<String, std::fmt::Error> {
        let mut text = String::new();
        prometheus_client::encoding::text::encode(&mut text, &self.registry)?;
        Ok(text)
    }
}

impl SessionEvents for Metrics {
    fn on_event(&self, event: &SessionEvent) {
        self.sessions.get_or_create(&[("event", event.kind.name())]).inc();
    }
}

/// Counts a request and how long it takes.
pub(crate) async fn measure(State(metrics): State<Metrics>, request: Request, next: Next) -> Response {
    let begun = Instant::now();
    let response = next.run(request).await;
    let class = match response.status().as_u16() {
        ..200 => "1xx",
        200..300 => "2xx",
        300..400 => "3xx",
        400..500 => "4xx",
        _ => "5xx",
    };
    metrics.requests.get_or_create(&[("class", class)]).inc();
    metrics.duration.observe(begun.elapsed().as_secs_f64());
    response
}

/// The answer to `GET /metrics`.
pub(crate) async fn show(State(metrics): State<Metrics>) -> Response {
    match metrics.text() {
        Ok(text) => {
            let content_type = "application/openmetrics-text; version=1.0.0; charset=utf-8";
            ([(header::CONTENT_TYPE, content_type), (header::CACHE_CONTROL, "no-store")], text)
                .into_response()
        }
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}
