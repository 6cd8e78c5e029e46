//! Cookies in the browser, for Rust frontends (Leptos, Yew, Dioxus): values of Rust types, declared once for the browser
//! and the server, and writes that tell when the browser refuses them. It is also the Rust half of the npm package
//! `twinjar`, which does the same for JavaScript.
//!
//! ```no_run
//! use twinjar_client::{CookieKey, Cookies, Outcome};
//!
//! const THEME: CookieKey<String> = CookieKey::string("theme").max_age(31_536_000);
//!
//! let cookies = Cookies::of_page()?;
//! assert_eq!(cookies.set(&THEME, &"dark".to_owned())?, Outcome::Stored);
//! assert_eq!(cookies.get(&THEME)?.as_deref(), Some("dark"));
//!
//! let subscription = cookies.subscribe(&THEME, |theme| {
//!     let _ = theme; // whoever changed it: this page, another tab or the server
//! })?;
//! # drop(subscription);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Features
//!
//! - `frontend` (default): this API.
//! - [`session`]: values of Rust's types from and for the npm package's session client.
//! - `package`: what the npm package's JavaScript calls. It reads `document.cookie` itself: a read from inside a module
//!   costs Chromium more than the rest of the work.
//! - `inspector`: what the demo page's inspector calls, for a module of its own.
//! - `dist`: for the builds of these two alone; a small allocator and a panic handler that traps, instead of `std`.

#![cfg_attr(all(target_arch = "wasm32", feature = "dist", not(feature = "frontend")), no_std)]

#[cfg(feature = "inspector")]
extern crate alloc;

#[cfg(feature = "frontend")]
mod document;
#[cfg(feature = "frontend")]
mod error;
#[cfg(all(target_arch = "wasm32", feature = "dist", not(feature = "frontend")))]
mod freestanding;
#[cfg(feature = "inspector")]
#[expect(unreachable_pub, reason = "wasm-bindgen exports `pub` functions alone")]
mod inspector;
#[cfg(feature = "frontend")]
mod jar;
#[cfg(feature = "package")]
#[cfg_attr(
    not(all(
        target_arch = "wasm32",
        feature = "dist",
        not(feature = "frontend"),
        not(feature = "inspector")
    )),
    allow(dead_code, reason = "only the npm package's build exports it")
)]
mod package;
#[cfg(feature = "frontend")]
mod refusal;
#[cfg(feature = "session")]
pub mod session;
#[cfg(feature = "frontend")]
mod watch;

#[cfg(feature = "frontend")]
pub use error::{AccessError, ReadError, WriteError};
#[cfg(feature = "frontend")]
pub use jar::{Cookies, Outcome};
#[cfg(feature = "frontend")]
pub use twinjar_shared::contract::CookieKey;
#[cfg(feature = "frontend")]
pub use watch::Subscription;
