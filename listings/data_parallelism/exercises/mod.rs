//! The exercises of chapter 11.

pub mod find_the_grain;
pub mod histogram;
pub mod stable_sum;
