// One count, and threads that add to it: behind a lock, as an atomic, in parts
// that are added up at the end, and in a variable of each thread's own.
//
// Checked by shuttle, which includes this file and runs every order of a few
// additions.
//
// Runs on the Playground.

use std::hint::black_box;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::thread;

/// So many additions go to counts that threads share …
pub const SHARED: u64 = 8_000_000;
/// … and so many to counts that a thread has to itself, which takes less time.
pub const OWN: u64 = 256_000_000;

// ANCHOR: alone
/// One thread. The black box keeps the compiler from doing all additions at
/// once. There are eight to a turn, so that the loop hardly counts.
pub fn alone(additions: u64) -> u64 {
    let mut count = 0;
    for _ in 0..additions / 8 {
        for _ in 0..8 {
            count += black_box(1);
        }
    }
    for _ in 0..additions % 8 {
        count += black_box(1);
    }
    count
}
// ANCHOR_END: alone

// ANCHOR: mutex
pub fn mutex(additions: u64, threads: usize) -> u64 {
    let count = Mutex::new(0);
    on_threads(additions, threads, |_, share| {
        for _ in 0..share {
            *count.lock().expect(CALM) += 1;
        }
    });
    count.into_inner().expect(CALM)
}
// ANCHOR_END: mutex

// ANCHOR: atomic
pub fn atomic(additions: u64, threads: usize) -> u64 {
    let count = AtomicU64::new(0);
    on_threads(additions, threads, |_, share| {
        for _ in 0..share {
            count.fetch_add(1, Relaxed);
        }
    });
    count.into_inner()
}
// ANCHOR_END: atomic

// ANCHOR: sharded
/// A count on cache lines of its own.
#[repr(align(128))]
struct Padded(AtomicU64);

pub fn sharded(additions: u64, threads: usize) -> u64 {
    let shards: Vec<_> =
        (0..threads).map(|_| Padded(AtomicU64::new(0))).collect();
    on_threads(additions, threads, |thread, share| {
        let Padded(count) = &shards[thread];
        for _ in 0..share {
            count.fetch_add(1, Relaxed);
        }
    });
    shards.into_iter().map(|shard| shard.0.into_inner()).sum()
}
// ANCHOR_END: sharded

// ANCHOR: local
/// Each thread counts for itself, and tells once.
pub fn local(additions: u64, threads: usize) -> u64 {
    let count = AtomicU64::new(0);
    on_threads(additions, threads, |_, share| {
        count.fetch_add(alone(share), Relaxed);
    });
    count.into_inner()
}
// ANCHOR_END: local

const CALM: &str = "nobody panics while adding";

// ANCHOR: on_threads
/// Tells each thread its number and its share of the additions.
fn on_threads(
    additions: u64,
    threads: usize,
    work: impl Fn(usize, u64) + Sync,
) {
    let part = additions / threads as u64;
    let rest = additions % threads as u64;
    thread::scope(|scope| {
        for thread in 0..threads {
            let share = part + u64::from((thread as u64) < rest);
            let work = &work;
            scope.spawn(move || work(thread, share));
        }
    });
}
// ANCHOR_END: on_threads

// ANCHOR: main
pub fn main() {
    const FEW: u64 = SHARED / 100;
    println!("  alone: {}", alone(FEW));
    println!("  mutex: {}", mutex(FEW, 4));
    println!(" atomic: {}", atomic(FEW, 4));
    println!("sharded: {}", sharded(FEW, 4));
    println!("  local: {}", local(FEW, 4));
}
// ANCHOR_END: main

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_addition_is_lost_on_any_number_of_threads() {
        assert_eq!(alone(1_000), 1_000);
        for threads in [1, 2, 3, 7] {
            for count in [mutex, atomic, sharded, local] {
                assert_eq!(count(1_000, threads), 1_000, "{threads} threads");
            }
        }
    }

    #[test]
    fn fewer_additions_than_threads_are_shared_out_too() {
        for count in [mutex, atomic, sharded, local] {
            assert_eq!(count(2, 5), 2);
        }
    }
}
