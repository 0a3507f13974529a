// Two threads add to one count, and each takes the lock for every addition.
//
// Runs on the Playground.

// ANCHOR: all
use std::sync::Mutex;
use std::thread;

pub fn main() {
    let count = Mutex::new(0);
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                for _ in 0..100_000 {
                    *count.lock().expect("no thread panics") += 1;
                }
            });
        }
    });
    println!("{} additions", count.into_inner().expect("no thread panics"));
}
// ANCHOR_END: all
