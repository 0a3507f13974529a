//! Chapter 16, *Tokio*.

pub mod exercises;
