//! Chapter 14, *Nothing shared*.

pub mod exercises;
