//! The exercises of chapter 21.

pub mod lost_answer;
pub mod retry_once;
