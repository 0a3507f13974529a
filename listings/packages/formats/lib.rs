//! Listings by what they need: what writes values down or maps files.

#[path = "../../nothing_shared"]
pub mod nothing_shared {
    //! Chapter 14, *Nothing shared*.

    pub mod exercises;
    pub mod handover;
    pub mod left_out;
    pub mod mapped_file;
    pub mod process_pool;
}
