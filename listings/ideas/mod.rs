//! Chapter 1, *Dealing with, and doing*.

pub mod average;
pub mod exercises;
