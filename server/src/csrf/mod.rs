//! The guard against cross-site request forgery, for any route.
//!
//! 1. Safe methods (GET, HEAD, OPTIONS, TRACE) pass: they must not change anything.
//! 2. Fetch Metadata: `Sec-Fetch-Site` other than `same-origin` or `none` is refused, a neighbour under the same site
//!    (`same-site`) included.
//! 3. Without that header, a foreign `Origin` is refused.
//! 4. A request that has a session must prove to know its token in `X-CSRF-Token`, or in the field of a form that a
//!    [`CsrfFormField`] names. The token is an HMAC of the secret id, so it changes with it, at login above all.
//! 5. A request without a session, and without either header of steps 2 and 3, passes only if no browser could send
//!    it from another site without asking first (CORS preflight): by its method, its content type, or by having an
//!    `X-CSRF-Token` at all. This protects login as well.
//!
//! # Beside the OWASP cheat sheet
//!
//! What the [Cross-Site Request Forgery Prevention Cheat Sheet][sheet] asks for, and what is done here:
//!
//! | the cheat sheet | here |
//! |---|---|
//! | no state change by safe methods | they pass unchecked; the session API and the demo change nothing on them |
//! | Fetch Metadata: refuse unsafe cross-site requests, `same-site` only where neighbours are trusted | step 2; no neighbour is trusted unless [`CsrfLayer::allow_origin`] names it |
//! | a fallback where Fetch Metadata is missing | step 3, then steps 4 and 5: nothing passes for want of a header |
//! | verify `Origin` against the target; refuse `null` | step 3; host and port are compared, since the scheme is unknown behind a proxy that ends TLS |
//! | `Referer` where there is no `Origin` | not used: browsers leave it out for privacy, and steps 4 and 5 need neither |
//! | synchronizer token, or a signed double submit bound to the session | step 4: HMAC-SHA256 of the session id under the server's key, compared in constant time; it is read from the header or a form's body, never from a cookie |
//! | no token in URLs, a new one at login | it is in the companion cookie and the header; it changes with the id |
//! | a custom request header for APIs, so that a preflight is needed | step 5; and the session API takes JSON media types alone |
//! | login CSRF: a token before there is a session | step 5 instead of a pre-session cookie: visitors who leave nothing behind get no cookie, and no form of another site gets through |
//! | naive double submit is discouraged | there is none |
//! | `SameSite` as defence in depth | `Lax` by default, [`SessionCookie::same_site`](crate::SessionCookie::same_site) |
//! | `__Host-` against cookies from neighbours | the default name |
//! | `Vary` where answers differ by these headers | refusals carry `Vary: Sec-Fetch-Site, Origin` |
//! | refused requests are logged | a warning with the code, and nothing of what was sent |
//! | no guard helps against XSS | true here, too: the demo's policy allows no inline script |
//!
//! [`CsrfLayer::insecure_without_token`] leaves out steps 4 and 5, for clients that cannot send a header.
//!
//! [sheet]: https://cheatsheetseries.owasp.org/cheatsheets/Cross-Site_Request_Forgery_Prevention_Cheat_Sheet.html

mod form;
mod layer;
mod origin;

pub use form::{CsrfFormField, CsrfFormService};
pub use layer::{CsrfFuture, CsrfLayer, CsrfService};

/// The request header that carries the token.
pub const CSRF_HEADER: &str = "x-csrf-token";
