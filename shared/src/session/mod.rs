//! The session API's formats: what the server sends and what a page may send back.
//!
//! Times are milliseconds since the Unix epoch, as JavaScript counts.
//!
//! | type | what it is |
//! |---|---|
//! | [`Companion`] | the cookie that tells a page about its session without a request |
//! | `SessionView`, `Device`, `Revoked` | answers (feature `json`) |
//! | `SessionEvent` | what the event stream tells (feature `json`) |
//! | `Problem` | errors, RFC 9457 (feature `json`) |
//! | `SessionPatch` | changes, RFC 7396 and RFC 6902 (feature `patch`) |

mod companion;
#[cfg(feature = "json")]
mod event;
#[cfg(feature = "patch")]
mod patch;
#[cfg(feature = "json")]
mod problem;
#[cfg(feature = "json")]
mod view;

pub use companion::{Companion, CompanionError};
#[cfg(feature = "json")]
pub use event::{EndReason, SessionEvent};
#[cfg(feature = "patch")]
pub use patch::{Access, PatchError, SessionPatch};
#[cfg(feature = "json")]
pub use problem::{Problem, ProblemCode};
#[cfg(feature = "json")]
pub use view::{ActiveSession, Device, Revoked, SessionView};
