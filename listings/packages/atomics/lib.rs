//! Listings by what they need: what needs crossbeam-epoch or crossbeam-utils.

#[path = "../../atomics"]
pub mod atomics {
    //! Chapter 9, *Atomics*.

    pub mod stack;
}
