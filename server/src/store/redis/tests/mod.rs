#![allow(clippy::unwrap_used)]

mod cluster;
mod contract;
mod news;
mod outages;
mod refusals;
mod server;
