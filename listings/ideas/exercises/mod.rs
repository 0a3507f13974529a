//! The exercises of chapter 1.

pub mod average_any_order;
pub mod force_an_order;
