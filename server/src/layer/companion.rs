//! The companion cookie of a response.

use http::HeaderValue;
use twinjar_shared::cookie::RawValue;
use twinjar_shared::session::Companion;

use super::future::max_age;
use crate::session::{Engine, Live, Session, State};

/// The companion follows the session: set when what it tells has changed, or is missing; cleared with it.
pub(super) fn line(state: &State, session: &Session, https: bool) -> Option<HeaderValue> {
    let engine = session.engine();
    let lines = engine.companion.as_ref().filter(|_| !state.overtaken)?;
    let presented = || session.cookies().get_all(&lines.name).next();
    let Some(live) = state.live() else {
        return presented().map(|_| lines.removal(https));
    };
    let is_due = match presented() {
        // A foreign session changes without a word to this server.
        Some(told) if engine.foreign.is_some() => !tells(told, live, engine),
        Some(_) => state.tells_browser(),
        None => true,
    };
    if !is_due {
        return None;
    }
    // Whoever has moved the session elsewhere has told the browser of it, too.
    let token = engine.token.csrf_token(&live.current_id()?);
    // Foreign formats know no such limit.
    let absolute = live.record.meta.absolute_deadline.as_deadline().filter(|_| engine.foreign.is_none());
    let idle = live.record.deadline.as_deadline();
    let companion = Companion::new(&token, live.record.revision, idle, absolute);
    let text = companion.expect("the token is base64url").to_text();
    Some(lines.set(text.len(), |out| out.push_str(&text), max_age(state, engine), https))
}

/// Whether a companion tells how the session is; its end to within what a native session's visits are written down.
fn tells(text: RawValue<'_>, live: &Live, engine: &Engine) -> bool {
    let text = text.decode();
    let Ok(told) = Companion::parse(&text) else { return false };
    let (deadline, idle) = (live.record.deadline, live.record.meta.idle_timeout);
    let grain = engine.lifetime.touch_interval.min(idle / 10).as_millis();
    let is_told = match (told.idle_expires_at(), deadline.as_deadline()) {
        (Some(end), Some(deadline)) => deadline.checked_sub(end).is_some_and(|late| u128::from(late) < grain),
        (told, deadline) => told == deadline,
    };
    told.revision() == live.record.revision
        && live.current_id().is_some_and(|id| told.csrf_token() == engine.token.csrf_token(&id))
        && is_told
}
