//! Chapter 14, *Nothing shared*: what needs the standard library alone.

pub mod same_place;
