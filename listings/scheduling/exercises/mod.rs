//! The exercises of chapter 2.

pub mod count_per_thread;
pub mod who_was_preempted;
