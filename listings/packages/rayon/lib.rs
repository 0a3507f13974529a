//! Listings by what they need: what needs rayon.

pub use standard::corpus;

#[path = "../../data_parallelism"]
pub mod data_parallelism {
    //! Chapter 11, *Split, run, put together*.

    pub mod exercises;
    pub mod float_sum;
    pub mod grain;
    pub mod hash_books;
    pub mod merge_sort;
}
