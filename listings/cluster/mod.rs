//! Chapter 21, *A cluster*: what needs the standard library alone.

pub mod counted_twice;
pub mod exercises;
