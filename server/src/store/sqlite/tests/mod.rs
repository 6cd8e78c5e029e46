#![allow(clippy::unwrap_used)]

mod contract;
mod feed;
mod files;
mod other;
mod place;
mod processes;
mod refusals;
mod versions;
mod waits;
