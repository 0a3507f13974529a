//! Listings by what they need: what needs mimalloc.

#[path = "../../stops_paying"]
pub mod stops_paying {
    //! Chapter 12, *Where parallel stops paying*.

    pub mod allocation;
}
