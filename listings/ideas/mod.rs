//! Chapter 1, *Dealing with, and doing*.

pub mod exercises;
