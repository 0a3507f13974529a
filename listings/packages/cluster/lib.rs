//! Listings by what they need: what talks to a broker.

#[path = "../../cluster"]
pub mod cluster {
    //! Chapter 21, *A cluster*.

    pub mod broker;
    pub mod cluster_map;
    pub mod engine;
    pub mod faults;
    pub mod job;
    pub mod job_cost;
    pub mod queue;
    pub mod through_faults;
}

#[path = "../../data_parallelism"]
pub mod data_parallelism {
    //! Chapter 11, *Split, run, put together*.

    pub mod eigenvalues;
}
