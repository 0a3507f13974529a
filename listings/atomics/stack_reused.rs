// A pool of buffers, whose free ones are a stack of numbers: handed out twice,
// then told apart by a version.
//
// Checked by loom, which includes this file and runs every order of its steps
// that the orderings allow.

use std::sync::atomic::{
    AtomicU32, AtomicU64,
    Ordering::{Acquire, Relaxed, Release},
};
use std::thread;

const NONE: u32 = u32::MAX;

// ANCHOR: pool
/// The free buffers: the number on top, and below each number the next one.
pub struct Pool {
    top: AtomicU32,
    below: [AtomicU32; 3],
}

impl Pool {
    pub fn take(&self) -> Option<u32> {
        let mut top = self.top.load(Acquire);
        while top != NONE {
            let below = self.below[top as usize].load(Relaxed);
            match self.top.compare_exchange(top, below, Acquire, Acquire) {
                Ok(_) => return Some(top),
                Err(now) => top = now,
            }
        }
        None
    }
    // ANCHOR_END: pool

    pub fn give_back(&self, buffer: u32) {
        let mut top = self.top.load(Relaxed);
        loop {
            self.below[buffer as usize].store(top, Relaxed);
            match self.top.compare_exchange(top, buffer, Release, Relaxed) {
                Ok(_) => return,
                Err(now) => top = now,
            }
        }
    }
}

// ANCHOR: versioned
/// The number on top in the lower half, how often it changed in the upper.
pub struct Versioned {
    top: AtomicU64,
    below: [AtomicU32; 3],
}

/// The next version, with this number on top.
fn next(old: u64, buffer: u32) -> u64 {
    ((old >> 32) + 1) << 32 | u64::from(buffer)
}
// ANCHOR_END: versioned

impl Versioned {
    pub fn take(&self) -> Option<u32> {
        let mut old = self.top.load(Acquire);
        while old as u32 != NONE {
            let below = self.below[old as u32 as usize].load(Relaxed);
            let new = next(old, below);
            match self.top.compare_exchange(old, new, Acquire, Acquire) {
                Ok(_) => return Some(old as u32),
                Err(now) => old = now,
            }
        }
        None
    }

    pub fn give_back(&self, buffer: u32) {
        let mut old = self.top.load(Relaxed);
        loop {
            self.below[buffer as usize].store(old as u32, Relaxed);
            let new = next(old, buffer);
            match self.top.compare_exchange(old, new, Release, Relaxed) {
                Ok(_) => return,
                Err(now) => old = now,
            }
        }
    }
}

/// 0 on top of 1 on top of 2.
fn all_free() -> [AtomicU32; 3] {
    [AtomicU32::new(1), AtomicU32::new(2), AtomicU32::new(NONE)]
}

impl Pool {
    pub fn new() -> Pool {
        Pool { top: AtomicU32::new(0), below: all_free() }
    }
}

impl Default for Pool {
    fn default() -> Pool {
        Pool::new()
    }
}

impl Versioned {
    pub fn new() -> Versioned {
        Versioned { top: AtomicU64::new(0), below: all_free() }
    }
}

impl Default for Versioned {
    fn default() -> Versioned {
        Versioned::new()
    }
}

// ANCHOR: two_users
/// One thread takes a buffer. Another takes two and gives the first one back.
/// Returns those that are in use, and then those that are left.
pub fn two_users<P: Sync>(
    pool: &P,
    take: fn(&P) -> Option<u32>,
    give_back: fn(&P, u32),
) -> Vec<u32> {
    let mut all = thread::scope(|scope| {
        let other = scope.spawn(|| {
            let first = take(pool);
            let second = take(pool);
            if let Some(first) = first {
                give_back(pool, first);
            }
            second
        });
        let one = take(pool);
        let second = other.join().expect("no thread panics");
        one.into_iter().chain(second).collect::<Vec<_>>()
    });
    // Three at most: a broken pool may go around in circles.
    all.extend((0..3).map_while(|_| take(pool)));
    all
}
// ANCHOR_END: two_users

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_buffer_is_handed_out_once() {
        for _ in 0..200 {
            let pool = Versioned::new();
            let mut all =
                two_users(&pool, Versioned::take, Versioned::give_back);
            all.sort_unstable();
            assert_eq!(all, [0, 1, 2]);
        }
    }

    #[test]
    fn alone_a_pool_without_versions_works_too() {
        let pool = Pool::new();
        assert_eq!((pool.take(), pool.take()), (Some(0), Some(1)));
        pool.give_back(0);
        assert_eq!((pool.take(), pool.take()), (Some(0), Some(2)));
        assert_eq!(pool.take(), None);
    }
}
