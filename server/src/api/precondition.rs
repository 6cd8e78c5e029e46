//! Revisions as entity tags: `ETag` and `If-Match` (RFC 9110 sections 8.8.3 and 13.1.1).

use http::{HeaderMap, HeaderValue, header};
use twinjar_shared::session::ProblemCode;

use super::reject::Rejection;
use crate::session::{Session, SessionError};
use crate::store::Revision;

/// `"7"`.
pub(super) fn etag(revision: Revision) -> HeaderValue {
    HeaderValue::try_from(format!("\"{revision}\"")).expect("digits and quotes")
}

/// What a request demands of the session's revision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Precondition {
    None,
    /// `*`: that there is a session.
    Exists,
    Revision(Revision),
}

impl Precondition {
    /// One revision, or `*`. Lists are refused: a session has one revision at a time.
    pub(super) fn of(headers: &HeaderMap) -> Result<Self, Rejection> {
        let mut lines = headers.get_all(header::IF_MATCH).iter();
        let text = match (lines.next(), lines.next()) {
            (None, _) => return Ok(Self::None),
            (Some(line), None) => line.to_str().unwrap_or_default().trim(),
            // Several lines are a list.
            (Some(_), Some(_)) => "",
        };
        if text == "*" {
            return Ok(Self::Exists);
        }
        let digits = text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
        let revision = digits.filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()));
        revision.and_then(|digits| digits.parse().ok()).map(Self::Revision).ok_or_else(|| {
            Rejection::new(
                ProblemCode::MalformedIfMatch,
                "Send If-Match with one revision in double quotes, or *.",
            )
        })
    }

    /// Commits the session's changes if the precondition holds; else, and where the store fails, they are dropped.
    pub(super) async fn save(self, session: &Session) -> Result<(), Rejection> {
        let saved = match self {
            Self::None => save_or_discard(session).await?,
            Self::Exists if session.info().await?.is_some() => save_or_discard(session).await?,
            Self::Exists => {
                session.discard().await?;
                false
            }
            Self::Revision(revision) => session.save_if(revision).await?,
        };
        if saved { Ok(()) } else { Err(self.failed()) }
    }

    pub(super) fn failed(self) -> Rejection {
        Rejection::new(
            ProblemCode::RevisionConflict,
            "The session has another revision than If-Match says; read it again.",
        )
    }
}

/// What was answered with an error must not be stored when the response leaves.
pub(super) async fn save_or_discard(session: &Session) -> Result<bool, SessionError> {
    match session.save().await {
        Ok(()) => Ok(true),
        Err(error) => {
            session.discard().await?;
            Err(error)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(value: &'static str) -> Option<Precondition> {
        let mut headers = HeaderMap::new();
        headers.insert(header::IF_MATCH, HeaderValue::from_static(value));
        Precondition::of(&headers).ok()
    }

    #[test]
    fn one_strong_tag_or_a_star() {
        assert_eq!(Precondition::of(&HeaderMap::new()).ok(), Some(Precondition::None));
        for (text, expected) in [
            ("\"7\"", Some(Precondition::Revision(7))),
            ("*", Some(Precondition::Exists)),
            ("7", None),
            ("W/\"7\"", None),
            ("\"7\", \"8\"", None),
            ("\"+7\"", None),
            ("\"\"", None),
            ("\"99999999999999999999\"", None),
        ] {
            assert_eq!(parse(text), expected, "{text}");
        }
        let mut twice = HeaderMap::new();
        twice.append(header::IF_MATCH, HeaderValue::from_static("\"7\""));
        twice.append(header::IF_MATCH, HeaderValue::from_static("\"8\""));
        assert!(Precondition::of(&twice).is_err());
        assert_eq!(etag(7), "\"7\"");
    }
}
