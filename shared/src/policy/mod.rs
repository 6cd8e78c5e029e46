//! The rule book: what a user agent does with a cookie, by RFC 6265bis sections 5.1, 5.7 and 5.8, as pure functions.
//!
//! | to know | ask |
//! |---|---|
//! | whether a cookie may be set here, before writing it | [`check`], with a [`Candidate`] |
//! | what it would be stored as instead | [`notes()`] |
//! | what becomes of a `Set-Cookie` value: stored, replaced, removed or refused | [`judge`] |
//! | which cookies a request carries | [`Jar::cookies_for`] |
//!
//! Nothing here has a clock or a list of public suffixes: the caller gives both. [`check`] and [`notes()`] borrow
//! everything and allocate nothing; a browser package that uses only them carries no date parser and no jar.
//!
//! # Where this goes beyond RFC 6265bis
//!
//! - The prefixes `__Http-` and `__Host-Http-` (draft-ietf-httpbis-layered-cookies), and `Secure` with `Partitioned`,
//!   are asked for always. `Partitioned` cookies are kept in the one store, not one for each site.
//! - [`RuleSet::Browsers`] adds what browsers refuse although the RFC allows it.

mod candidate;
mod context;
mod host;
mod jar;
mod note;
mod path;
mod public_suffix;
mod refusal;
mod storage;
mod stored;
mod url;
mod verdict;

#[cfg(test)]
mod tests;

pub use candidate::Candidate;
pub use context::{Api, Context, RuleSet, SameSiteContext};
pub use host::{domain_match, is_loopback};
pub use jar::{Jar, Limits};
pub use note::{Note, Notes};
pub use path::{default_path, path_match};
pub use public_suffix::single_label;
pub use refusal::Refusal;
pub use storage::{Rule, check, notes};
pub use stored::StoredCookie;
pub use url::{RequestUrl, UrlError};
pub use verdict::{Verdict, judge};
