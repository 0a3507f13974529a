//! Eight pieces of work in a thread each, which wait or compute, and how many
//! times as long as one of them they take together.
//!
//! Runs on the Playground.

// ANCHOR: program
use std::hash::{DefaultHasher, Hasher};
use std::hint::black_box;
use std::thread;
use std::time::{Duration, Instant};

const PIECES: u32 = 8;

/// Waits for so much of its time, in percent, and computes for the rest.
fn piece(waiting: u32) {
    thread::sleep(Duration::from_millis(80) * waiting / 100);
    let (text, mut hasher) = (vec![7; 1 << 20], DefaultHasher::new());
    for _ in 0..3 * (100 - waiting) {
        hasher.write(&text);
    }
    black_box(hasher.finish());
}

fn time(work: impl FnOnce()) -> f64 {
    let begun = Instant::now();
    work();
    begun.elapsed().as_secs_f64()
}

pub fn main() {
    for waiting in [100, 50, 0] {
        let one = time(|| piece(waiting));
        let all = time(|| {
            thread::scope(|scope| {
                (0..PIECES).for_each(|_| drop(scope.spawn(|| piece(waiting))));
            });
        });
        let times = all / one;
        println!(
            "{waiting:3} % waiting: {PIECES} take {times:.1} times as long as one"
        );
    }
}
// ANCHOR_END: program
