//! Two countdowns in Rust, one after the other and in two threads: nobody holds
//! a lock around them.
//!
//! Nothing is shared, so there is no order of steps to explore.
//!
//! Runs on the Playground.

use std::hint::black_box;
use std::thread;

// ANCHOR: ways
fn countdown(mut n: u64) -> u64 {
    while n > 0 {
        n -= 1;
        // Otherwise the compiler sees that the result is always 0, and counts
        // no more. It is given nothing, so that `n` can stay in a register.
        black_box(());
    }
    n
}

pub fn one_after_the_other(n: u64) -> [u64; 2] {
    [countdown(n), countdown(n)]
}

pub fn two_threads(n: u64) -> [u64; 2] {
    thread::scope(|scope| {
        let first = scope.spawn(|| countdown(n));
        let second = scope.spawn(|| countdown(n));
        [first, second].map(|thread| thread.join().expect("it only counts"))
    })
}
// ANCHOR_END: ways

pub fn main() {
    println!("one after the other: {:?}", one_after_the_other(1_000_000));
    println!("in two threads: {:?}", two_threads(1_000_000));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_countdown_ends_at_zero() {
        for n in [0, 1, 1_000] {
            assert_eq!(one_after_the_other(n), [0, 0]);
            assert_eq!(two_threads(n), [0, 0]);
        }
    }
}
