//! Chapter 5, *Threads*.

pub mod counting;
pub mod exercises;
pub mod one_by_one;
