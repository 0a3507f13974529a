// Eight answers from far away, one after the other.
//
// Runs on the Playground.

// ANCHOR: all
use std::thread;
use std::time::{Duration, Instant};

/// Stands for a document that is 40 ms away.
fn fetch(number: u32) -> String {
    thread::sleep(Duration::from_millis(40));
    format!("document {number}")
}

pub fn main() {
    let started = Instant::now();
    for number in 1..=8 {
        let document = fetch(number);
        let after = started.elapsed().as_millis();
        println!("{document} after {after} ms");
    }
}
// ANCHOR_END: all
