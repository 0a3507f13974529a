//! Chapter 8, *Waiting for each other*.
//!
//! What the checker finds in the wrong versions is kept in the files that end
//! in `.found.txt`.

pub mod asking;
pub mod bounded_buffer;
pub mod event;
pub mod exercises;
pub mod handoff;
pub mod if_instead;
pub mod lost_wakeup;
pub mod once;
pub mod one_notify_too_few;
pub mod park;
pub mod phases;
pub mod semaphore;
pub mod told;
pub mod until_ready;
