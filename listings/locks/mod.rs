//! Chapter 7, *Locks*.

pub mod exercises;
