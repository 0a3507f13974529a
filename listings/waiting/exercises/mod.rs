//! The exercises of chapter 8.

pub mod bounded_semaphore;
pub mod countdown_latch;
pub mod lost_wakeup;
