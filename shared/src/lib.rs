//! The cookie and session formats of twinjar, defined once for the server and the browser.
//!
//! - [`cookie`]: the `Cookie` and `Set-Cookie` header fields, cookie dates, the percent codec, name prefixes and limits.
//! - [`policy`]: what a user agent would do with a cookie: store it, change it or refuse it, and why.
//! - [`contract`]: cookies and session entries declared once with their types, as `const` items.
//! - [`session`]: what the session API sends and takes.
//! - `express` (feature `express`): the record that express-session keeps of a session.
//! - `signature` (feature `signed`): signed values and the key ring behind them.
//!
//! Every function here is pure: no input or output, no clock, no randomness. The crate is `no_std` (with `alloc`),
//! forbids `unsafe` code and builds for `wasm32`. Times are seconds since the Unix epoch unless a name says otherwise.
//!
//! # Features
//!
//! - `json` (default): the JSON codec and the types of the session API.
//! - `express` (default): express-session's records.
//! - `openapi`: schemas of the session API's types. It needs `std`.
//! - `patch`: merge patches and JSON patches of a session's data. It needs `std`.
//! - `signed` (default): Express-compatible signed values.

// What derives the schemas writes code that needs std.
#![cfg_attr(not(feature = "openapi"), no_std)]
#![forbid(unsafe_code)]

extern crate alloc;

mod reason;

pub mod contract;
pub mod cookie;
#[cfg(feature = "express")]
pub mod express;
pub mod policy;
pub mod session;
#[cfg(feature = "signed")]
pub mod signature;
