//! Chapter 1, *Dealing with, and doing*.

pub mod average;
pub mod exercises;
pub mod in_a_row;
