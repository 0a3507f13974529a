//! Chapter 9, *Atomics*.

pub mod false_sharing;
pub mod litmus;
pub mod litmus_once;
pub mod shared_counter;
pub mod shared_counter_first;
