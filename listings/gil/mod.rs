//! Chapter 19, *The lock around Python*.

pub mod exercises;
