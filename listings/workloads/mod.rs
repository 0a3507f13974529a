//! Chapter 3, *What is the work waiting for?*.

pub mod exercises;
pub mod is_it_waiting;
pub mod responsiveness;
pub mod workloads;
