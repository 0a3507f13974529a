//! Chapter 22, *When to use what*.

pub mod exercises;
pub mod one_piece;
