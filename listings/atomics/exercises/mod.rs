//! The exercises of chapter 9.

pub mod count_sharded;
pub mod publish_once;
pub mod spin_then_park;
