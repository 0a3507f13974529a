//! Chapter 6, *When sharing goes wrong*.
//!
//! The programs in `naive_bank/` belong to no module: none of them compiles,
//! and that is their point.

pub mod bank_atomic;
pub mod bank_mutex;
pub mod bank_race;
pub mod exercises;
pub mod guard_dropped;
pub mod one_teller;
pub mod overdrawn;
pub mod owned_by_both;
