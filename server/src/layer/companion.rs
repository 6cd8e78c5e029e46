//! The companion cookie of a response.

use http::HeaderValue;
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
    // Whoever has moved the session elsewhere has told the browser of it, too.
    let token = engine.token.csrf_token(&live.current_id()?);
    let is_due = state.tells_browser()
        || presented().is_none_or(|text| {
            let text = text.decode();
            // A late answer may have left the token of an id that the session has no longer.
            Companion::parse(&text).map_or(true, |told| {
                told.csrf_token() != token || (engine.foreign.is_some() && !tells(&told, live, engine))
            })
        });
    if !is_due {
        return None;
    }
    // Foreign formats know no such limit.
    let absolute = live.record.meta.absolute_deadline.as_deadline().filter(|_| engine.foreign.is_none());
    let idle = live.record.deadline.as_deadline();
    let companion = Companion::new(&token, live.record.revision, idle, absolute);
    let text = companion.expect("the token is base64url").to_text();
    Some(lines.set(text.len(), |out| out.push_str(&text), max_age(state, engine), https))
}

/// Whether a companion tells how a session is that changes without a word to this server; its end to within what a
/// native session's visits are written down.
fn tells(told: &Companion<'_>, live: &Live, engine: &Engine) -> bool {
    let (deadline, idle) = (live.record.deadline, live.record.meta.idle_timeout);
    let grain = engine.lifetime.touch_interval.min(idle / 10).as_millis();
    let is_told = match (told.idle_expires_at(), deadline.as_deadline()) {
        (Some(end), Some(deadline)) => deadline.checked_sub(end).is_some_and(|late| u128::from(late) < grain),
        (told, deadline) => told == deadline,
    };
    told.revision() == live.record.revision && is_told
}
