#![allow(clippy::unwrap_used)]

mod contract;
mod files;
mod place;
mod processes;
mod waits;
