// A service in miniature: each request waits, computes, and does so again.
//
// Runs on the Playground.

// ANCHOR: all
use std::thread;
use std::time::Duration;

/// Stands for what a service computes from an answer.
fn compute(seed: u64) -> u64 {
    (0..100_000).fold(seed, |x: u64, n| x.wrapping_mul(31) ^ n)
}

/// Five times it waits, as for a database, and computes with the answer.
fn serve(request: u64) -> u64 {
    (0..5).fold(request, |answer, step| {
        thread::sleep(Duration::from_millis(8 * step));
        compute(answer)
    })
}

pub fn main() {
    for request in 1..=3 {
        println!("request {request}: {:016x}", serve(request));
    }
}
// ANCHOR_END: all
