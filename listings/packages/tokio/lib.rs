//! Listings by what they need: what needs tokio.

#[path = "../../blocking"]
pub mod blocking {
    //! Chapter 17, *Do not block the loop*.

    pub mod exercises;
    pub mod open_loop;
    pub mod queues;
    pub mod stopped;
    pub mod two_locks;
    pub mod under_load;
}

#[path = "../../choosing"]
pub mod choosing {
    //! Chapter 22, *When to use what*.

    pub mod endings;
}

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

#[path = "../../scheduling"]
pub mod scheduling {
    //! Chapter 2, *Processes, threads, and who decides*.

    pub mod cost_ladder;
    pub mod never_lets_go;
    pub mod nice;
    pub mod one_core;
    pub mod taken_away;
}

#[path = "../../tasks"]
pub mod tasks {
    //! Chapter 16, *Tokio*.

    pub mod cancel;
    pub mod canceled;
    pub mod chat;
    pub mod exercises;
    pub mod futurelock;
    pub mod guests;
    pub mod lost_update;
    pub mod many_threads;
    pub mod many_waiting;
    pub mod orders;
    pub mod shutdown;
    pub mod task_tree;
    pub mod together;
    pub mod two_sources;
}
