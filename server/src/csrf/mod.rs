//! The guard against cross-site request forgery, for any route.
//!
//! It follows the OWASP cheat sheet on the matter, in this order:
//!
//! 1. Safe methods (GET, HEAD, OPTIONS, TRACE) pass: they must not change anything.
//! 2. Fetch Metadata: `Sec-Fetch-Site` other than `same-origin` or `none` is refused, a neighbour under the same site
//!    (`same-site`) included.
//! 3. Without that header, a foreign `Origin` is refused.
//! 4. A request that has a session must prove to know its token in `X-CSRF-Token`. The token is an HMAC of the
//!    secret id, so it changes with it, at login above all.
//! 5. A request without a session, and without either header of steps 2 and 3, passes only if no browser could send
//!    it from another site without asking first (CORS preflight): by its method, its content type, or by having an
//!    `X-CSRF-Token` at all. This protects login as well.

mod layer;
mod origin;

pub use layer::{CsrfFuture, CsrfLayer, CsrfService};

/// The request header that carries the token.
pub const CSRF_HEADER: &str = "x-csrf-token";
