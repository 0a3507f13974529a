//! # Count in shards
//!
//! 15 minutes
//!
//! A server counts its requests. All threads add to one atomic, and together
//! they take more time for it than one thread would. The total is read once a
//! second, and no more.
//!
//! Give the count eight shards. A thread adds to the shard that belongs to its
//! number, and `total` adds up the shards. Each shard has a line of the cache to
//! itself, so two of them are at least 128 bytes apart. There can be more
//! threads than shards; then some of them share one.
//!
//! Hint: An array of a type of your own, with `#[repr(align(128))]`.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

pub const SHARDS: usize = 8;

pub mod starter {
    use super::*;

    #[derive(Default)]
    pub struct Count {
        all: AtomicU64,
    }

    impl Count {
        /// Where the thread with this number counts.
        pub fn shard(&self, _thread: usize) -> &AtomicU64 {
            &self.all
        }

        /// One more.
        pub fn add(&self, thread: usize) {
            self.shard(thread).fetch_add(1, Relaxed);
        }

        /// All that was added before, and perhaps some of what is added
        /// meanwhile.
        pub fn total(&self) -> u64 {
            self.all.load(Relaxed)
        }
    }
}

pub mod solution {
    use super::*;

    /// Alone on its line of the cache.
    #[derive(Default)]
    #[repr(align(128))]
    struct Shard(AtomicU64);

    #[derive(Default)]
    pub struct Count {
        shards: [Shard; SHARDS],
    }

    impl Count {
        /// Where the thread with this number counts.
        pub fn shard(&self, thread: usize) -> &AtomicU64 {
            &self.shards[thread % SHARDS].0
        }

        /// One more.
        pub fn add(&self, thread: usize) {
            // Two threads can share a shard, so it stays one step.
            self.shard(thread).fetch_add(1, Relaxed);
        }

        /// All that was added before, and perhaps some of what is added
        /// meanwhile.
        pub fn total(&self) -> u64 {
            self.shards.iter().map(|shard| shard.0.load(Relaxed)).sum()
        }
    }
}

/// You align the whole count to 128 bytes and leave the shards side by side in
/// it. The array begins on a line of its own, and its eight numbers lie on that
/// one line: the threads take it from each other as they did before.
///
/// Caught by `shards_are_on_lines_of_their_own`.
pub mod wrong_aligns_the_whole {
    use super::*;

    #[derive(Default)]
    #[repr(align(128))]
    pub struct Count {
        shards: [AtomicU64; SHARDS],
    }

    impl Count {
        pub fn shard(&self, thread: usize) -> &AtomicU64 {
            &self.shards[thread % SHARDS]
        }

        pub fn add(&self, thread: usize) {
            self.shard(thread).fetch_add(1, Relaxed);
        }

        pub fn total(&self) -> u64 {
            self.shards.iter().map(|shard| shard.load(Relaxed)).sum()
        }
    }
}

/// You add with a load and a store, because a shard belongs to one thread. With
/// more threads than shards it belongs to several: two of them read the same
/// number, both store the next one, and a request is missing from the total.
///
/// Caught by `two_threads_that_share_a_shard_lose_nothing`.
pub mod wrong_loads_and_then_stores {
    use super::*;

    #[derive(Default)]
    #[repr(align(128))]
    struct Shard(AtomicU64);

    #[derive(Default)]
    pub struct Count {
        shards: [Shard; SHARDS],
    }

    impl Count {
        pub fn shard(&self, thread: usize) -> &AtomicU64 {
            &self.shards[thread % SHARDS].0
        }

        pub fn add(&self, thread: usize) {
            let shard = self.shard(thread);
            shard.store(shard.load(Relaxed) + 1, Relaxed);
        }

        pub fn total(&self) -> u64 {
            self.shards.iter().map(|shard| shard.0.load(Relaxed)).sum()
        }
    }
}

/// You take the number of the thread as the index of its shard. That fits as
/// long as there are at most eight threads; the ninth panics at its first
/// request, and you learn it on the first machine that has so many.
///
/// Caught by `more_threads_than_shards_lose_nothing`.
pub mod wrong_a_shard_for_each_thread {
    use super::*;

    #[derive(Default)]
    #[repr(align(128))]
    struct Shard(AtomicU64);

    #[derive(Default)]
    pub struct Count {
        shards: [Shard; SHARDS],
    }

    impl Count {
        pub fn shard(&self, thread: usize) -> &AtomicU64 {
            &self.shards[thread].0
        }

        pub fn add(&self, thread: usize) {
            self.shard(thread).fetch_add(1, Relaxed);
        }

        pub fn total(&self) -> u64 {
            self.shards.iter().map(|shard| shard.0.load(Relaxed)).sum()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::solution::*;
    use super::*;
    use std::ptr;
    use std::sync::Barrier;
    use std::thread;

    #[test]
    fn shards_are_on_lines_of_their_own() {
        let count = Count::default();
        let places: Vec<usize> = (0..SHARDS)
            .map(|thread| ptr::from_ref(count.shard(thread)).addr())
            .collect();
        for (at, first) in places.iter().enumerate() {
            for second in &places[at + 1..] {
                let apart = first.abs_diff(*second);
                assert!(apart >= 128, "two shards are {apart} bytes apart");
            }
        }
    }

    #[test]
    fn a_thread_keeps_its_shard() {
        let count = Count::default();
        let kept = ptr::eq(count.shard(3), count.shard(3));
        assert!(kept, "the shard of thread 3 is now here, now there");
        count.add(3);
        let there = count.shard(3).load(Relaxed);
        assert_eq!(there, 1, "thread 3 added one, and not to its shard");
    }

    #[test]
    fn the_total_is_what_was_added_in_all_of_them() {
        let count = Count::default();
        assert_eq!(count.total(), 0);
        for thread in 0..SHARDS {
            count.add(thread);
        }
        assert_eq!(count.total(), SHARDS as u64);
    }

    #[test]
    fn two_threads_that_share_a_shard_lose_nothing() {
        const EACH: u64 = 5_000_000;
        let (count, both) = (Count::default(), Barrier::new(2));
        thread::scope(|scope| {
            for thread in [0, SHARDS] {
                let (count, both) = (&count, &both);
                scope.spawn(move || {
                    both.wait();
                    (0..EACH).for_each(|_| count.add(thread));
                });
            }
        });
        assert_eq!(
            count.total(),
            2 * EACH,
            "additions were lost: two threads share this shard"
        );
    }

    #[test]
    fn more_threads_than_shards_lose_nothing() {
        let count = Count::default();
        thread::scope(|scope| {
            let add_all = |thread| {
                let count = &count;
                move || (0..2_000).for_each(|_| count.add(thread))
            };
            let threads: Vec<_> = (0..3 * SHARDS)
                .map(|thread| (thread, scope.spawn(add_all(thread))))
                .collect();
            for (thread, added) in threads {
                assert!(
                    added.join().is_ok(),
                    "thread {thread} panicked: there are {SHARDS} shards, and \
                     there can be more threads"
                );
            }
        });
        assert_eq!(count.total(), 3 * SHARDS as u64 * 2_000);
    }
}
