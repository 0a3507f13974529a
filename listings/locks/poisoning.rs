//! A thread panics while it holds a lock: what the next one finds, and what it
//! can do about it.
//!
//! Checked by its tests alone: where a thread panics, shuttle ends the run.
//!
//! Runs on the Playground.

use std::sync::{Mutex, MutexGuard};
use std::thread;

// ANCHOR: ledger
/// The total is the sum of the entries, except in the middle of a booking.
#[derive(Debug, Default)]
pub struct Ledger {
    entries: Vec<i64>,
    total: i64,
}

impl Ledger {
    fn book(&mut self, amount: i64) {
        self.entries.push(amount);
        assert_ne!(amount, 0, "there is nothing to book");
        self.total += amount;
    }

    fn add_up(&mut self) {
        self.total = self.entries.iter().sum();
    }
}
// ANCHOR_END: ledger

// ANCHOR: recover
/// The ledger in one piece, even if a booking panicked.
pub fn lock_whole(ledger: &Mutex<Ledger>) -> MutexGuard<'_, Ledger> {
    ledger.lock().unwrap_or_else(|poisoned| {
        let mut guard = poisoned.into_inner();
        guard.entries.retain(|amount| *amount != 0);
        guard.add_up();
        ledger.clear_poison(); // from here on it is whole again
        guard
    })
}
// ANCHOR_END: recover

// ANCHOR: main
pub fn main() {
    let ledger = Mutex::new(Ledger::default());
    thread::scope(|scope| {
        let booking = scope.spawn(|| {
            let mut ledger = ledger.lock().expect("nobody panicked yet");
            ledger.book(500);
            ledger.book(0);
        });
        println!("the booking panicked: {}", booking.join().is_err());
    });
    if let Err(poisoned) = ledger.lock() {
        println!("the next lock: {poisoned}");
    }
    println!("in one piece: {:?}", *lock_whole(&ledger));
    println!("still poisoned: {}", ledger.is_poisoned());
}
// ANCHOR_END: main

#[cfg(test)]
mod tests {
    use super::*;
    use std::panic::{AssertUnwindSafe, catch_unwind};

    #[test]
    fn a_panic_poisons_and_recovering_makes_whole() {
        let ledger = Mutex::new(Ledger::default());
        lock_whole(&ledger).book(300);
        let booked = catch_unwind(AssertUnwindSafe(|| {
            let mut guard = ledger.lock().unwrap();
            guard.book(200);
            guard.book(0);
        }));
        assert!(booked.is_err() && ledger.is_poisoned());
        assert_eq!(lock_whole(&ledger).entries, [300, 200]);
        assert_eq!(ledger.lock().expect("no longer poisoned").total, 500);
    }
}
