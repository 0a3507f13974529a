//! Chapter 19, *The lock around Python*.

pub mod exercises;
#[allow(clippy::module_inception)] // a listing bears its experiment's name
pub mod gil;
pub mod gil_echo;
pub mod queue_cost;
pub mod short_jobs;
