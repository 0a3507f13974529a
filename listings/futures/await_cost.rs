// Turns between two tasks of our executor, and between two threads that park.
//
// Checked by shuttle, which includes this file and draws orders of its steps.
//
// Runs locally only: it uses other listings of this chapter.

use std::sync::atomic::{
    AtomicU64,
    Ordering::{Acquire, Release},
};
use std::thread::{self, Thread};

use super::executor::{Executor, YieldNow};

// ANCHOR: tasks
/// Two tasks have so many turns together. Each turn is a poll.
pub fn tasks(turns: u64) -> u64 {
    let executor = Executor::new();
    for _ in 0..2 {
        executor.spawn(async move {
            for _ in 1..turns / 2 {
                YieldNow::default().await;
            }
        });
    }
    executor.run();
    turns
}
// ANCHOR_END: tasks

// ANCHOR: threads
/// Two threads have so many turns together. Each turn is a wake-up.
pub fn threads(turns: u64) -> u64 {
    let turn = AtomicU64::new(0);
    let take = |own: u64, other: &Thread| {
        for number in (own..turns).step_by(2) {
            while turn.load(Acquire) != number {
                thread::park();
            }
            turn.store(number + 1, Release);
            other.unpark();
        }
    };
    let this = thread::current();
    thread::scope(|scope| {
        let other = scope.spawn(|| take(1, &this));
        take(0, other.thread());
    });
    turn.into_inner()
}
// ANCHOR_END: threads

pub fn main() {
    println!("turns: {}, {}", tasks(1_000), threads(1_000));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_turn_is_taken() {
        assert_eq!(tasks(100), 100);
        assert_eq!(threads(100), 100);
    }
}
