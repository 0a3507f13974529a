//! Listings by what they need: what mixes tasks with computing.

pub use standard::command_line;

#[path = "../../choosing"]
pub mod choosing {
    //! Chapter 22, *When to use what*.

    pub mod paradigms;
    pub mod pool_size;
    pub mod who_answers;
}

#[path = "../../service"]
pub mod service {
    //! Chapter 18, *One service, every way*.

    pub mod exercises;
    pub mod heartbeat;
    pub mod service_request;
}
