//! What a session waits for, as spans of `tracing`.

use std::future::Future;

use tracing::field::{Empty, display};
use tracing::{Instrument, Span, debug_span};

use crate::Handle;

/// Runs a step in the span `session{step, session}`. The second field is the session's public handle, as soon as the
/// step knows it; ids, keys and values are in none.
pub(crate) fn spanned<F: Future>(step: &'static str, future: F) -> impl Future<Output = F::Output> {
    future.instrument(debug_span!("session", step, session = Empty))
}

/// Writes the session's handle into the span of the running step.
pub(super) fn name_session(handle: Handle) {
    Span::current().record("session", display(handle));
}
