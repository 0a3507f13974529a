// What a lock costs: five million additions to a count that threads share,
// guarded in four ways.
//
// Checked by shuttle, which includes this file and runs every order of a few
// additions.
//
// Runs on the Playground.

use std::hint::black_box;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Mutex, RwLock};
use std::thread;

/// How much the arms do, however many threads share it. The chapter divides
/// by it.
pub const OPERATIONS: u64 = 5_000_000;

// ANCHOR: no_lock
/// Nothing is shared, so nothing is guarded. The black box keeps the compiler
/// from adding it all up beforehand.
pub fn no_lock(operations: u64) -> u64 {
    let mut count = 0;
    for _ in 0..operations {
        *black_box(&mut count) += 1;
    }
    count
}
// ANCHOR_END: no_lock

// ANCHOR: mutex
pub fn mutex(operations: u64, threads: usize) -> u64 {
    let count = Mutex::new(0);
    on_threads(operations, threads, |_, _| *count.lock().expect(CALM) += 1);
    count.into_inner().expect(CALM)
}
// ANCHOR_END: mutex

// ANCHOR: rwlock
pub fn rwlock(operations: u64, threads: usize) -> u64 {
    let count = RwLock::new(0);
    on_threads(operations, threads, |_, _| *count.write().expect(CALM) += 1);
    count.into_inner().expect(CALM)
}
// ANCHOR_END: rwlock

// ANCHOR: atomic
pub fn atomic(operations: u64, threads: usize) -> u64 {
    let count = AtomicU64::new(0);
    on_threads(operations, threads, |_, _| {
        count.fetch_add(1, Relaxed);
    });
    count.into_inner()
}
// ANCHOR_END: atomic

// ANCHOR: sharded
/// A count of its own for each thread, far enough from the next that no two
/// share a line of the cache.
#[repr(align(128))]
struct Shard(Mutex<u64>);

pub fn sharded(operations: u64, threads: usize) -> u64 {
    let shards: Vec<_> = (0..threads).map(|_| Shard(Mutex::new(0))).collect();
    on_threads(operations, threads, |thread, _| {
        *shards[thread].0.lock().expect(CALM) += 1;
    });
    shards.into_iter().map(|shard| shard.0.into_inner().expect(CALM)).sum()
}
// ANCHOR_END: sharded

// ANCHOR: reads
/// Of a hundred operations one adds; the others look. Returns how many there
/// were of both.
pub fn mutex_reads(operations: u64, threads: usize) -> u64 {
    let count = Mutex::new(0);
    on_threads(operations, threads, |_, turn| match turn % 100 {
        0 => *count.lock().expect(CALM) += 100,
        _ => {
            black_box(*count.lock().expect(CALM));
        }
    });
    count.into_inner().expect(CALM)
}

pub fn rwlock_reads(operations: u64, threads: usize) -> u64 {
    let count = RwLock::new(0);
    on_threads(operations, threads, |_, turn| match turn % 100 {
        0 => *count.write().expect(CALM) += 100,
        _ => {
            black_box(*count.read().expect(CALM));
        }
    });
    count.into_inner().expect(CALM)
}
// ANCHOR_END: reads

const CALM: &str = "nobody panics while adding";

// ANCHOR: on_threads
/// Shares out the operations. Each is told its thread and its turn there.
fn on_threads(
    operations: u64,
    threads: usize,
    operate: impl Fn(usize, u64) + Sync,
) {
    let share = operations.div_ceil(threads as u64);
    thread::scope(|scope| {
        for thread in 0..threads {
            let done = (share * thread as u64).min(operations);
            let own = share.min(operations - done);
            let operate = &operate;
            scope
                .spawn(move || (0..own).for_each(|turn| operate(thread, turn)));
        }
    });
}
// ANCHOR_END: on_threads

// ANCHOR: main
pub fn main() {
    const FEW: u64 = OPERATIONS / 100;
    for (name, count) in [
        ("mutex", mutex(FEW, 2)),
        ("rwlock", rwlock(FEW, 2)),
        ("atomic", atomic(FEW, 2)),
        ("sharded", sharded(FEW, 2)),
    ] {
        println!("{name:>8}: {count}");
    }
}
// ANCHOR_END: main

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_addition_is_lost_on_any_number_of_threads() {
        assert_eq!(no_lock(1_000), 1_000);
        for threads in [1, 2, 3, 7] {
            for count in [mutex, rwlock, atomic, sharded] {
                assert_eq!(count(1_000, threads), 1_000, "{threads} threads");
            }
        }
        for threads in [1, 2, 4, 16] {
            for count in [mutex_reads, rwlock_reads] {
                assert_eq!(count(16_000, threads), 16_000);
            }
        }
    }
}
