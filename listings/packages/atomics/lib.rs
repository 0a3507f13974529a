//! Listings by what they need: what needs crossbeam-epoch.

#[path = "../../atomics"]
pub mod atomics {
    //! Chapter 9, *Atomics*.

    pub mod stack;
}
