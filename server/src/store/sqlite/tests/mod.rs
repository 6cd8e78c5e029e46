#![allow(clippy::unwrap_used)]

mod contract;
mod files;
mod fixture;
mod processes;
mod waits;
