#![allow(clippy::unwrap_used)]

mod contract;
mod feed;
mod files;
mod place;
mod processes;
mod waits;
