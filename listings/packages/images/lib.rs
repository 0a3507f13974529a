//! Listings by what they need: what draws pictures.

pub use standard::command_line;

#[path = "../../data_parallelism"]
pub mod data_parallelism {
    //! Chapter 11, *Split, run, put together*.

    pub mod images;
}
