//! Chapter 11, *Split, run, put together*.

pub mod eigenvalues;
pub mod exercises;
pub mod float_sum;
pub mod grain;
pub mod hash_books;
pub mod images;
pub mod merge_sort;
