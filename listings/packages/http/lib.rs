//! Listings by what they need: what speaks HTTP.

pub use standard::corpus;

#[path = "../../threads"]
pub mod threads {
    //! Chapter 5, *Threads*.

    pub mod word_count;
}
