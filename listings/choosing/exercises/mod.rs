//! The exercises of chapter 22.

pub mod choose;
