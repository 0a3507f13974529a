//! Chapter 13, *Other programs*.

pub mod exercises;
