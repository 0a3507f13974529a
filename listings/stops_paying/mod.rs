//! Chapter 12, *Where parallel stops paying*.

pub mod bandwidth;
pub mod exercises;
pub mod twice_the_threads;
