//! Chapter 5, *Threads*.

pub mod counting;
pub mod exercises;
