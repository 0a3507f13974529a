//! Chapter 11, *Split, run, put together*.

pub mod exercises;
pub mod hash_books;
