//! Chapter 13, *Other programs*.

pub mod exercises;
pub mod filter;
pub mod run_and_capture;
pub mod start_cost;
pub mod stop_it;
