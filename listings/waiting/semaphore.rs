// A semaphore: so many permits, and whoever finds none waits.
//
// Checked by shuttle, which includes this file: every order of two threads,
// drawn orders of three.
//
// Runs on the Playground.

use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Condvar, Mutex};
use std::thread;

// ANCHOR: semaphore
pub struct Semaphore {
    permits: Mutex<usize>,
    freed: Condvar,
}

impl Semaphore {
    pub fn new(permits: usize) -> Semaphore {
        Semaphore { permits: Mutex::new(permits), freed: Condvar::new() }
    }

    /// Waits for a permit, and takes it.
    pub fn acquire(&self) {
        let mut permits = self.permits.lock().expect(CALM);
        while *permits == 0 {
            permits = self.freed.wait(permits).expect(CALM);
        }
        *permits -= 1;
    }

    /// Gives one back. Any thread can do it, whoever took one.
    pub fn release(&self) {
        *self.permits.lock().expect(CALM) += 1;
        self.freed.notify_one();
    }
}
// ANCHOR_END: semaphore

const CALM: &str = "nobody panics with a permit in hand";

// ANCHOR: at_once
/// So many threads go in. Returns the most that were inside at the same time.
pub fn most_inside(threads: usize, permits: usize) -> usize {
    let places = Semaphore::new(permits);
    let (inside, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                places.acquire();
                let now = inside.fetch_add(1, Relaxed) + 1;
                most.fetch_max(now, Relaxed);
                thread::yield_now();
                inside.fetch_sub(1, Relaxed);
                places.release();
            });
        }
    });
    most.into_inner()
}
// ANCHOR_END: at_once

// ANCHOR: main
pub fn main() {
    for permits in [1, 3] {
        let most = most_inside(20, permits);
        let held = most <= permits;
        println!("permits: {permits}, threads: 20, never more inside: {held}");
    }
}
// ANCHOR_END: main

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn never_are_more_inside_than_there_are_permits() {
        for permits in [1, 2, 5] {
            assert!(most_inside(20, permits) <= permits);
        }
    }

    #[test]
    fn a_permit_can_be_given_before_it_is_taken() {
        let errand = Semaphore::new(0);
        thread::scope(|scope| {
            scope.spawn(|| errand.release());
            errand.acquire();
        });
    }
}
