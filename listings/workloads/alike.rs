// Two pieces of work that look alike from outside: one computes, one waits.
//
// Runs on the Playground.

// ANCHOR: all
use std::thread;
use std::time::{Duration, Instant};

/// Needs a core from beginning to end.
fn compute() -> u64 {
    (0..20_000_000).fold(1, |x: u64, n| x.wrapping_mul(31) ^ n)
}

/// Needs nothing, as if the answer came from another computer.
fn wait() -> u64 {
    thread::sleep(Duration::from_millis(40));
    42
}

pub fn main() {
    for (name, work) in [("compute", compute as fn() -> u64), ("wait", wait)] {
        let started = Instant::now();
        let answer = work();
        let taken = started.elapsed().as_millis();
        println!("{name}: {answer} after {taken} ms");
    }
}
// ANCHOR_END: all
