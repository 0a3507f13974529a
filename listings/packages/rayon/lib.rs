//! Listings by what they need: what needs rayon.

pub use standard::{command_line, corpus, table};

#[path = "../../data_parallelism"]
pub mod data_parallelism {
    //! Chapter 11, *Split, run, put together*.

    pub mod exercises;
    pub mod float_sum;
    pub mod grain;
    pub mod hash_books;
    pub mod merge_sort;
}

#[path = "../../stops_paying"]
pub mod stops_paying {
    //! Chapter 12, *Where parallel stops paying*.

    pub mod imbalance;
    pub mod lock_across;
    pub mod oversubscription;
    pub mod par_bridge;
    pub mod waits_for_itself;
}
