//! Chapter 10, *Messages*.
//!
//! The programs in `refused/` belong to no module: none of them compiles, and
//! that is their point. What the checker finds in the wrong versions is kept
//! in the files that end in `.found.txt`.

pub mod back_pressure;
pub mod bank_actor;
pub mod exercises;
pub mod mailbox;
pub mod never_closed;
pub mod one_message;
pub mod pipeline;
pub mod stuck_pool;
pub mod worker_pool;
