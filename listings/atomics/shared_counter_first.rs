// Four threads, one count.
//
// Runs on the Playground.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::thread;

pub fn main() {
    let count = AtomicU64::new(0);
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..2_000_000 {
                    count.fetch_add(1, Relaxed);
                }
            });
        }
    });
    println!("{}", count.into_inner());
}
