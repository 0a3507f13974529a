// One more on a count that threads share: in two steps, in one, and only up to
// a limit.
//
// Checked by loom, which includes this file and runs every order of its steps.
//
// Runs on the Playground.

// ANCHOR: whole
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::thread;

pub fn main() {
    let count = AtomicU64::new(0);
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                for _ in 0..100_000 {
                    count.fetch_add(1, Relaxed);
                }
            });
        }
    });
    println!("{} additions", count.into_inner());
}
// ANCHOR_END: whole

// ANCHOR: naive
/// Two steps, so another thread can come between them.
pub fn naive(count: &AtomicU64) {
    let read = count.load(Relaxed);
    count.store(read + 1, Relaxed);
}
// ANCHOR_END: naive

// ANCHOR: right
/// Stores only if the count is still what was read. If not, tries again.
pub fn right(count: &AtomicU64) {
    let mut read = count.load(Relaxed);
    while let Err(now) =
        count.compare_exchange(read, read + 1, Relaxed, Relaxed)
    {
        read = now;
    }
}
// ANCHOR_END: right

// ANCHOR: fast
/// One step, which the processor has an instruction for.
pub fn fast(count: &AtomicU64) {
    count.fetch_add(1, Relaxed);
}
// ANCHOR_END: fast

// ANCHOR: ticket
/// The number of a ticket, or `None` if all of them are sold.
pub fn ticket(sold: &AtomicU64, seats: u64) -> Option<u64> {
    let mut read = sold.load(Relaxed);
    while read < seats {
        match sold.compare_exchange(read, read + 1, Relaxed, Relaxed) {
            Ok(_) => return Some(read),
            Err(now) => read = now,
        }
    }
    None
}
// ANCHOR_END: ticket

/// Two threads, one addition each.
pub fn two_additions(add: fn(&AtomicU64)) -> u64 {
    let count = AtomicU64::new(0);
    thread::scope(|scope| {
        scope.spawn(|| add(&count));
        scope.spawn(|| add(&count));
    });
    count.load(Relaxed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn alone_each_form_counts() {
        for add in [naive, right, fast] {
            let count = AtomicU64::new(5);
            add(&count);
            assert_eq!(count.into_inner(), 6);
        }
    }

    #[test]
    fn two_additions_are_two() {
        for _ in 0..100 {
            assert_eq!(two_additions(right), 2);
            assert_eq!(two_additions(fast), 2);
        }
    }

    #[test]
    fn no_seat_is_sold_twice_and_none_is_left() {
        let sold = AtomicU64::new(0);
        let buy = || (0..80).filter_map(|_| ticket(&sold, 100)).collect();
        let mut all: Vec<u64> = thread::scope(|scope| {
            let other = scope.spawn(buy);
            let mut own: Vec<u64> = buy();
            own.extend(other.join().unwrap());
            own
        });
        all.sort_unstable();
        assert_eq!(all, (0..100).collect::<Vec<_>>());
    }
}
