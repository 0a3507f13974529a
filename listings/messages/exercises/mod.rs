//! The exercises of chapter 10.

pub mod bounded_pipeline;
pub mod close_it_cleanly;
pub mod fan_in;
