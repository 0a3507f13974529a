//! The exercises of chapter 18.

pub mod your_service;
