//! Chapter 7, *Locks*.
//!
//! The programs in `refused/` belong to no module: none of them compiles, and
//! that is their point. What the checker finds in the wrong versions is kept
//! in the files that end in `.found.txt`.

pub mod closing;
pub mod contention;
pub mod critical_section;
pub mod exercises;
pub mod ledger;
pub mod philosophers;
pub mod poisoning;
pub mod price_list;
pub mod stuck_philosophers;
pub mod transfer;
pub mod two_counters;
