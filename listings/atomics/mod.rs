//! Chapter 9, *Atomics*.
//!
//! What the checker finds in the wrong versions is kept in the files that end
//! in `.found.txt`.

pub mod counter;
pub mod exercises;
pub mod false_sharing;
pub mod lazy_init;
pub mod litmus;
pub mod litmus_once;
pub mod one_shot;
pub mod seqlock;
pub mod shared_counter;
pub mod spin_lock;
pub mod stack_leaky;
pub mod stack_reused;
