//! The exercises of chapter 15.

pub mod poll_counter;
pub mod your_join;
pub mod your_timeout;
