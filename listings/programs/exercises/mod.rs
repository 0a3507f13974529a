//! The exercises of chapter 13.

pub mod time_limit;
pub mod two_way;
