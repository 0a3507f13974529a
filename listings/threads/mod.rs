//! Chapter 5, *Threads*.
//!
//! The programs in `whose_data/` belong to no module: two of the three do not
//! compile, and that is their point.

pub mod counting;
pub mod exercises;
pub mod one_by_one;
