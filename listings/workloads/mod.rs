//! Chapter 3, *What is the work waiting for?*.

pub mod exercises;
