//! Chapter 9, *Atomics*.

pub mod false_sharing;
pub mod litmus;
pub mod shared_counter;
