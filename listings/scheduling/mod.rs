//! Chapter 2, *Processes, threads, and who decides*.

pub mod exercises;
pub mod memory_each;
pub mod own_copy;
