//! Chapter 13, *Other programs*.

pub mod endless;
pub mod exercises;
pub mod filter;
pub mod run_and_capture;
