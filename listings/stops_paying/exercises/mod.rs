//! Exercises of chapter 12.

pub mod balance_it;
pub mod which_bottleneck;
