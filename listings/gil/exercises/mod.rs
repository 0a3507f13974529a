//! The exercises of chapter 19.

pub mod who_holds_it;
