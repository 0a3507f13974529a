// Store buffering, once. Each thread stores to one variable and loads the
// other.
//
// Runs on the Playground.

use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::thread;

static X: AtomicU32 = AtomicU32::new(0);
static Y: AtomicU32 = AtomicU32::new(0);

pub fn main() {
    thread::scope(|scope| {
        let first = scope.spawn(|| {
            X.store(1, Relaxed);
            Y.load(Relaxed)
        });
        let second = scope.spawn(|| {
            Y.store(1, Relaxed);
            X.load(Relaxed)
        });
        let (a, b) = (first.join().unwrap(), second.join().unwrap());
        println!("a = {a}, b = {b}");
    });
}
