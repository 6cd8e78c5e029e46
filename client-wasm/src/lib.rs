//! Cookies in the browser: the Rust half of the npm package `twinjar`, and the same for Rust frontends.
//!
//! # Features
//!
//! - `package`: what the npm package's JavaScript calls. It reads `document.cookie` itself: a read from inside a module
//!   costs Chromium more than the rest of the work.
//! - `dist`: for the npm package's build alone; a small allocator and a panic handler that traps, instead of `std`.

#![cfg_attr(all(target_arch = "wasm32", feature = "dist", not(feature = "frontend")), no_std)]

extern crate alloc;

#[cfg(all(target_arch = "wasm32", feature = "dist", not(feature = "frontend")))]
mod freestanding;
#[cfg(feature = "package")]
#[expect(unreachable_pub, reason = "wasm-bindgen exports `pub` functions alone")]
mod package;
