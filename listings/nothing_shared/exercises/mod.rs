//! The exercises of chapter 14.

pub mod pool_of_processes;
pub mod send_or_share;
