//! Eight pieces of work that compute, wait, or do both: one after the other,
//! and with a thread for each.
//!
//! Runs on the Playground.

use std::hint::black_box;
use std::thread;
use std::time::{Duration, Instant};

use tracing::info_span;

// ANCHOR: pieces
/// Computes, and needs a core from beginning to end: each multiplication starts
/// from the result of the one before.
pub fn compute() {
    let _running = info_span!("compute").entered();
    black_box(
        (0..MULTIPLICATIONS).fold(1_u64, |x, _| black_box(x.wrapping_mul(31))),
    );
}

/// Waits, as for an answer from another computer.
pub fn wait() {
    let _waiting =
        info_span!("wait for an answer", ended_by = "the clock").entered();
    thread::sleep(ANSWER);
}

/// Waits for an answer, and computes with it.
pub fn both() {
    wait();
    compute();
}
// ANCHOR_END: pieces

/// Sized so that a piece of computing takes some hundredths of a second.
const MULTIPLICATIONS: u64 = 45_000_000;
const ANSWER: Duration = Duration::from_millis(25);
const PIECES: usize = 8;

// ANCHOR: two_ways
/// Eight pieces, one after the other.
pub fn one_thread(piece: fn()) {
    for _ in 0..PIECES {
        piece();
    }
}

/// Eight pieces, a thread for each.
pub fn eight_threads(piece: fn()) {
    thread::scope(|scope| {
        for _ in 0..PIECES {
            scope.spawn(piece);
        }
    });
}
// ANCHOR_END: two_ways

// ANCHOR: main
pub fn main() {
    let kinds: [(&str, fn()); 3] =
        [("compute", compute), ("wait", wait), ("both", both)];
    for (name, piece) in kinds {
        let start = Instant::now();
        one_thread(piece);
        let one = start.elapsed();
        let start = Instant::now();
        eight_threads(piece);
        let eight = start.elapsed();
        println!("{name:8} one thread {one:4.0?}, eight {eight:4.0?}");
    }
}
// ANCHOR_END: main

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;
    use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

    #[test]
    fn one_thread_does_all_pieces_itself() {
        thread_local!(static DONE: Cell<usize> = const { Cell::new(0) });
        one_thread(|| DONE.set(DONE.get() + 1));
        assert_eq!(DONE.get(), PIECES);
    }

    #[test]
    fn eight_threads_are_in_progress_at_the_same_time() {
        static ARRIVED: AtomicUsize = AtomicUsize::new(0);
        eight_threads(|| {
            ARRIVED.fetch_add(1, Relaxed);
            while ARRIVED.load(Relaxed) < PIECES {
                thread::yield_now(); // would never end in a loop
            }
        });
        assert_eq!(ARRIVED.load(Relaxed), PIECES);
    }
}
