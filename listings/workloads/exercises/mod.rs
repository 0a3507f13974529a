//! The exercises of chapter 3.

pub mod classify;
pub mod phases_of_a_mix;
