//! Chapter 14, *Nothing shared*.

pub mod exercises;
pub mod handover;
pub mod mapped_file;
pub mod process_pool;
