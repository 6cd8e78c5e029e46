#![allow(clippy::unwrap_used)]

mod clock;
mod cluster;
mod contract;
mod encrypted;
mod news;
mod outages;
mod refusals;
mod sentinel;
mod server;
