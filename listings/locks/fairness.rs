//! One thread holds a lock nearly all the time; another asks for it now and
//! then. How long does it wait?
//!
//! Checked by its tests alone: what is looked at here is time, and a checker
//! has none.
//!
//! Runs on the Playground.

use std::hint::{black_box, spin_loop};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::thread;
use std::time::{Duration, Instant};

use parking_lot::MutexGuard;

/// How long it is held each time, measured where nobody else asks for it.
pub fn nobody_asks(holds: usize) -> Vec<Duration> {
    let lock = Mutex::new(0_u64);
    let hold = |_| {
        let taken = Instant::now();
        work(&mut lock.lock().expect(CALM));
        taken.elapsed()
    };
    (0..holds).map(hold).collect()
}

// ANCHOR: greedy
/// Lets the lock go, and takes it again at once.
pub fn greedy(asks: usize) -> Vec<Duration> {
    let lock = Mutex::new(0_u64);
    beside_each_other(
        asks,
        || work(&mut lock.lock().expect(CALM)),
        || drop(lock.lock().expect(CALM)),
    )
}

/// Lets the lock go to the one that has waited longest, if there is one.
pub fn fair(asks: usize) -> Vec<Duration> {
    let lock = parking_lot::Mutex::new(0_u64);
    beside_each_other(
        asks,
        || {
            let mut held = lock.lock();
            work(&mut held);
            MutexGuard::unlock_fair(held);
        },
        || drop(lock.lock()),
    )
}
// ANCHOR_END: greedy

const CALM: &str = "nobody panics here";

/// Additions in a hold: tens of microseconds of computing.
pub const STEPS: u32 = 200_000;

/// What the lock is held for.
fn work(count: &mut u64) {
    for _ in 0..STEPS {
        *black_box(&mut *count) += 1;
    }
}

// ANCHOR: beside
/// Repeats `hold` on one thread for as long as another asks. Returns how long
/// each `ask` took.
fn beside_each_other(
    asks: usize,
    hold: impl Fn() + Sync,
    ask: impl Fn(),
) -> Vec<Duration> {
    let (started, done) = (AtomicBool::new(false), AtomicBool::new(false));
    thread::scope(|scope| {
        scope.spawn(|| {
            while !done.load(Relaxed) {
                hold();
                started.store(true, Relaxed);
            }
        });
        while !started.load(Relaxed) {
            spin_loop();
        }
        let waits = (0..asks).map(|_| {
            thread::sleep(Duration::from_micros(200)); // something else
            let asked = Instant::now();
            ask();
            asked.elapsed()
        });
        let waits = waits.collect();
        done.store(true, Relaxed);
        waits
    })
}
// ANCHOR_END: beside

// ANCHOR: main
pub fn main() {
    println!("asked {} times, answered each time", greedy(20).len());
    println!("asked {} times, answered each time", fair(20).len());
}
// ANCHOR_END: main

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_asks_is_answered_in_the_end() {
        assert_eq!(greedy(3).len(), 3);
        assert_eq!(fair(3).len(), 3);
        assert_eq!(nobody_asks(3).len(), 3);
    }
}
