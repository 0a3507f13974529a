//! Every interleaving of a few named steps: parsed from a small file, enumerated when the book is built.
//!
//! ```text
//! # 500 on the account; both tellers are at work.
//! balance = 500                     a variable that all threads see
//! mutex purse                       a lock that all threads see
//!
//! thread deposit
//!   lock purse                      waits while another thread has it
//!   read = balance                  a step: `read` belongs to this thread
//!   computed = read + 500
//!   balance = computed
//!   unlock purse
//!
//! thread withdraw
//!   …
//!
//! ending balance                    what an order is judged by
//! right 900                         the ending the programmer meant
//! goal 400 "Lose the 500"           what the reader is asked to reach
//! ```
//!
//! An order ends where no thread can go on: in the value, or *stuck* where a thread still waits.
//! The page *Directives*, `src/directives.md`, has the whole language.

mod goals;
mod machine;
mod page;
mod parse;
mod program;
#[cfg(test)]
mod tests;
mod walk;

pub use page::{data, explorer, held_against};
pub use parse::parse;
pub use program::{Ending, Endings, Goal, Interleavings, Kind, Program};
pub use walk::MOST_STATES;
