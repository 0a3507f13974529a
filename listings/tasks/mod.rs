//! Chapter 16, *Tokio*.

pub mod cancel;
pub mod exercises;
pub mod lost_update;
pub mod many_threads;
pub mod many_waiting;
pub mod shutdown;
pub mod together;
