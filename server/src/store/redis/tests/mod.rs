#![allow(clippy::unwrap_used)]

mod contract;
mod outages;
mod refusals;
mod server;
