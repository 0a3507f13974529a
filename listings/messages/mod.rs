//! Chapter 10, *Messages*.

pub mod exercises;
