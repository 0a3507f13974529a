//! Chapter 11, *Split, run, put together*.

pub mod hash_books;
