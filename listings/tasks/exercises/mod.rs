//! The exercises of chapter 16.

pub mod cancel_safe;
pub mod polite_fetch;
pub mod timeout_each;
