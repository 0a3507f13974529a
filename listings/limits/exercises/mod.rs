//! The exercises of chapter 4.

pub mod find_the_serial_part;
pub mod predict_the_speedup;
