//! Chapter 4, *How fast can it get?*

pub mod exercises;
pub mod how_many;
pub mod serial_fraction;
pub mod tenth_alone;
pub mod work_and_span;
