//! Errors of the session API, RFC 9457.

use alloc::borrow::Cow;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A problem document: `application/problem+json`.
///
/// ```
/// use twinjar_shared::session::{Problem, ProblemCode};
///
/// let problem = Problem::new(ProblemCode::KeyNotFound, "The session has no entry \"cart\".");
/// assert_eq!(problem.status, 404);
/// assert_eq!(
///     serde_json::to_string(&problem)?,
///     r#"{"type":"about:blank","title":"Not Found","status":404,"code":"key_not_found","detail":"The session has no entry \"cart\"."}"#
/// );
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Problem {
    /// `about:blank`: the problem is what its status and code say.
    #[serde(rename = "type", default = "about_blank")]
    pub kind: Cow<'static, str>,
    /// The status in words.
    #[serde(default)]
    pub title: Cow<'static, str>,
    /// The HTTP status.
    pub status: u16,
    /// The stable code.
    pub code: ProblemCode,
    /// One sentence about this occurrence. It holds no secret.
    #[serde(default)]
    pub detail: Cow<'static, str>,
}

impl Problem {
    /// The media type.
    pub const MEDIA_TYPE: &'static str = "application/problem+json";

    /// A problem with the status of its code.
    #[must_use]
    pub fn new(code: ProblemCode, detail: impl Into<Cow<'static, str>>) -> Self {
        Self {
            kind: about_blank(),
            title: Cow::Borrowed(code.title()),
            status: code.status(),
            code,
            detail: detail.into(),
        }
    }
}

impl core::fmt::Display for Problem {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "{} ({}): {}", self.code.as_str(), self.status, self.detail)
    }
}

impl core::error::Error for Problem {}

const fn about_blank() -> Cow<'static, str> {
    Cow::Borrowed("about:blank")
}

macro_rules! problem_codes {
    ($( $(#[$doc:meta])* $variant:ident = $code:literal, $status:literal; )+) => {
        /// What went wrong, as a stable `snake_case` word.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum ProblemCode {
            $( $(#[$doc])* $variant, )+
        }

        impl ProblemCode {
            /// Every code.
            pub const ALL: &[Self] = &[$( Self::$variant, )+];

            /// The word.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $( Self::$variant => $code, )+ }
            }

            /// The HTTP status that goes with it.
            #[must_use]
            pub const fn status(self) -> u16 {
                match self { $( Self::$variant => $status, )+ }
            }
        }
    };
}

problem_codes! {
    /// The session has no such entry.
    KeyNotFound = "key_not_found", 404;
    /// The application does not expose this entry.
    KeyNotExposed = "key_not_exposed", 403;
    /// The application exposes this entry for reading alone.
    KeyReadOnly = "key_read_only", 403;
    /// The data changed since the revision that `If-Match` names.
    RevisionConflict = "revision_conflict", 412;
    /// `If-Match` is not a revision in double quotes.
    MalformedIfMatch = "malformed_if_match", 400;
    /// The value is not of the entry's type.
    ValueRejected = "value_rejected", 422;
    /// The value or the body is larger than the application allows.
    ValueTooLarge = "value_too_large", 413;
    /// The body is not of a media type that this route takes.
    UnsupportedMediaType = "unsupported_media_type", 415;
    /// The body is not JSON.
    MalformedJson = "malformed_json", 400;
    /// The body is JSON but no patch.
    MalformedPatch = "malformed_patch", 400;
    /// A patch's test failed, or names what is not there.
    PatchFailed = "patch_failed", 409;
    /// The request comes from another site.
    CrossSiteRequest = "cross_site_request", 403;
    /// The CSRF token is missing, or of another session.
    CsrfTokenInvalid = "csrf_token_invalid", 403;
    /// Nobody has signed in.
    SignInRequired = "sign_in_required", 401;
    /// User name or password is wrong.
    InvalidCredentials = "invalid_credentials", 401;
    /// There is no session.
    NoSession = "no_session", 404;
    /// The session ended while the request was under way.
    SessionGone = "session_gone", 410;
    /// The user has no such session.
    DeviceNotFound = "device_not_found", 404;
    /// The request's header is malformed.
    MalformedRequest = "malformed_request", 400;
    /// There is no such route.
    NotFound = "not_found", 404;
    /// The route does not take this method.
    MethodNotAllowed = "method_not_allowed", 405;
    /// The request did not arrive in time.
    RequestTimeout = "request_timeout", 408;
    /// Too many requests, or too many open streams.
    TooManyRequests = "too_many_requests", 429;
    /// The header is larger than the server takes.
    HeaderTooLarge = "header_too_large", 431;
    /// The server failed.
    InternalError = "internal_error", 500;
    /// Sessions are kept in a format that has no room for this.
    NotSupported = "not_supported", 501;
    /// The server has as much to do as it takes on.
    Overloaded = "overloaded", 503;
    /// The session store does not answer.
    StoreUnavailable = "store_unavailable", 503;
    /// A code of a newer server.
    Unknown = "unknown", 500;
}

impl ProblemCode {
    /// The code of this word; [`ProblemCode::Unknown`] if it is of none here.
    #[must_use]
    pub fn of(word: &str) -> Self {
        Self::ALL.iter().copied().find(|code| code.as_str() == word).unwrap_or(Self::Unknown)
    }

    /// The status in words, as RFC 9110 and RFC 6585 name it.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self.status() {
            400 => "Bad Request",
            401 => "Unauthorized",
            403 => "Forbidden",
            404 => "Not Found",
            405 => "Method Not Allowed",
            408 => "Request Timeout",
            409 => "Conflict",
            410 => "Gone",
            412 => "Precondition Failed",
            413 => "Content Too Large",
            415 => "Unsupported Media Type",
            422 => "Unprocessable Content",
            429 => "Too Many Requests",
            431 => "Request Header Fields Too Large",
            501 => "Not Implemented",
            503 => "Service Unavailable",
            _ => "Internal Server Error",
        }
    }
}

#[cfg(feature = "openapi")]
impl utoipa::PartialSchema for ProblemCode {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        let known = Self::ALL.iter().filter(|&&code| code != Self::Unknown);
        utoipa::openapi::ObjectBuilder::new()
            .schema_type(utoipa::openapi::schema::Type::String)
            .enum_values(Some(known.map(|code| code.as_str())))
            .description(Some("What went wrong, as a stable word."))
            .into()
    }
}

#[cfg(feature = "openapi")]
impl utoipa::ToSchema for ProblemCode {}

impl Serialize for ProblemCode {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for ProblemCode {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Cow::<'de, str>::deserialize(deserializer).map(|word| Self::of(&word))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn every_code_survives_the_wire_and_has_its_status_in_words() {
        for &code in ProblemCode::ALL {
            assert_eq!(ProblemCode::of(code.as_str()), code);
            assert_eq!(code.title() == "Internal Server Error", code.status() == 500, "{code:?}");
            let problem = Problem::new(code, "detail");
            let json = serde_json::to_string(&problem).unwrap();
            assert_eq!(serde_json::from_str::<Problem>(&json).unwrap(), problem);
        }
    }

    #[test]
    fn codes_of_newer_servers_are_read() {
        let problem: Problem = serde_json::from_str(r#"{"status":418,"code":"teapot"}"#).unwrap();
        assert_eq!((problem.status, problem.code), (418, ProblemCode::Unknown));
    }
}
