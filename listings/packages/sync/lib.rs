//! Listings by what they need: what needs parking_lot or crossbeam-channel.

#[path = "../../locks"]
pub mod locks {
    //! Chapter 7, *Locks*.

    pub mod fairness;
    pub mod reentrant;
}

#[path = "../../messages"]
pub mod messages {
    //! Chapter 10, *Messages*.

    pub mod select_timeout;
}
