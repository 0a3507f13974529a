//! Listings by what they need: what needs tokio.

#[path = "../../ideas"]
pub mod ideas {
    //! Chapter 1, *Dealing with, and doing*.

    pub mod two_jobs;
}

#[path = "../../messages"]
pub mod messages {
    //! Chapter 10, *Messages*.

    pub mod channels;
}

#[path = "../../programs"]
pub mod programs {
    //! Chapter 13, *Other programs*.

    pub mod start_cost;
    pub mod stop_it;
}

#[path = "../../tasks"]
pub mod tasks {
    //! Chapter 16, *Tokio*.

    pub mod cancel;
    pub mod canceled;
    pub mod exercises;
    pub mod lost_update;
    pub mod many_threads;
    pub mod many_waiting;
    pub mod shutdown;
    pub mod together;
}
