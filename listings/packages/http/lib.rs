//! Listings by what they need: what speaks HTTP.

pub use standard::{command_line, corpus, table};

#[path = "../../threads"]
pub mod threads {
    //! Chapter 5, *Threads*.

    pub mod word_count;
}

#[path = "../../blocking"]
pub mod blocking {
    //! Chapter 17, *Do not block the loop*.

    pub mod heartbeat;
    pub mod pages;
    pub mod streamed;
}
