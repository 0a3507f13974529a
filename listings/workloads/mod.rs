//! Chapter 3, *What is the work waiting for?*.

pub mod alike;
pub mod exercises;
pub mod is_it_waiting;
pub mod responsiveness;
// The chapter's first listing, and its experiment, have the chapter's word.
#[allow(clippy::module_inception)]
pub mod workloads;
