// A pair that one thread writes and others read without holding it up: read in
// halves, numbered without order, numbered right, and then with fences.
//
// Checked by loom, which includes this file and runs every order of its steps
// that the orderings allow.

use std::hint;
use std::sync::atomic::{
    AtomicU64,
    Ordering::{Acquire, Relaxed, Release},
    fence,
};
use std::thread;

// ANCHOR: pair
/// Two numbers that belong together. The sequence is odd while they change.
pub struct Pair {
    sequence: AtomicU64,
    x: AtomicU64,
    y: AtomicU64,
}
// ANCHOR_END: pair

/// Only one thread writes.
impl Pair {
    pub fn new() -> Pair {
        Pair {
            sequence: AtomicU64::new(0),
            x: AtomicU64::new(0),
            y: AtomicU64::new(0),
        }
    }

    // ANCHOR: naive
    pub fn write_naive(&self, x: u64, y: u64) {
        self.x.store(x, Relaxed);
        self.y.store(y, Relaxed);
    }

    pub fn read_naive(&self) -> Option<(u64, u64)> {
        Some((self.x.load(Relaxed), self.y.load(Relaxed)))
    }
    // ANCHOR_END: naive

    // ANCHOR: unordered
    pub fn write_unordered(&self, x: u64, y: u64) {
        let before = self.sequence.load(Relaxed);
        self.sequence.store(before + 1, Relaxed); // new
        self.x.store(x, Relaxed);
        self.y.store(y, Relaxed);
        self.sequence.store(before + 2, Release); // new
    }

    /// `None` if the pair was being changed.
    pub fn read_unordered(&self) -> Option<(u64, u64)> {
        let before = self.sequence.load(Acquire);
        let pair = (self.x.load(Relaxed), self.y.load(Relaxed));
        let after = self.sequence.load(Relaxed);
        (before == after && before.is_multiple_of(2)).then_some(pair)
    }
    // ANCHOR_END: unordered

    // ANCHOR: right
    pub fn write_right(&self, x: u64, y: u64) {
        let before = self.sequence.load(Relaxed);
        self.sequence.store(before + 1, Relaxed);
        self.x.store(x, Release); // changed
        self.y.store(y, Release); // changed
        self.sequence.store(before + 2, Release);
    }

    pub fn read_right(&self) -> Option<(u64, u64)> {
        let before = self.sequence.load(Acquire);
        let pair = (self.x.load(Acquire), self.y.load(Acquire)); // changed
        let after = self.sequence.load(Relaxed);
        (before == after && before.is_multiple_of(2)).then_some(pair)
    }
    // ANCHOR_END: right

    // ANCHOR: fast
    pub fn write(&self, x: u64, y: u64) {
        let before = self.sequence.load(Relaxed);
        self.sequence.store(before + 1, Relaxed);
        fence(Release); // new: who sees x or y below sees the odd number
        self.x.store(x, Relaxed);
        self.y.store(y, Relaxed);
        self.sequence.store(before + 2, Release);
    }

    pub fn try_read(&self) -> Option<(u64, u64)> {
        let before = self.sequence.load(Acquire);
        let pair = (self.x.load(Relaxed), self.y.load(Relaxed));
        fence(Acquire); // new: the look below comes after those above
        let after = self.sequence.load(Relaxed);
        (before == after && before.is_multiple_of(2)).then_some(pair)
    }
    // ANCHOR_END: fast

    // ANCHOR: read
    /// Reads again until no writer has come between.
    pub fn read(&self) -> (u64, u64) {
        loop {
            if let Some(pair) = self.try_read() {
                return pair;
            }
            hint::spin_loop();
        }
    }
    // ANCHOR_END: read
}

impl Default for Pair {
    fn default() -> Pair {
        Pair::new()
    }
}

/// What one read finds while another thread writes (1, 1) over (0, 0).
pub fn read_while_written(
    write: fn(&Pair, u64, u64),
    read: fn(&Pair) -> Option<(u64, u64)>,
) -> Option<(u64, u64)> {
    let pair = Pair::new();
    thread::scope(|scope| {
        scope.spawn(|| write(&pair, 1, 1));
        read(&pair)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_pair_is_read_in_halves() {
        let pair = Pair::new();
        thread::scope(|scope| {
            scope.spawn(|| (1..=20_000).for_each(|n| pair.write(n, n)));
            for _ in 0..20_000 {
                let (x, y) = pair.read();
                assert_eq!(x, y);
            }
        });
        assert_eq!(pair.read(), (20_000, 20_000));
    }
}
