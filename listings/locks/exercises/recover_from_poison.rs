//! # Recover from poison
//!
//! 15 minutes
//!
//! A warehouse counts what is on its shelves, and keeps the total beside them.
//! A thread panicked in the middle of a change, and since then the lock is
//! poisoned. The starter is a repair of the kind you find in many programs: it
//! takes the guard out of the error and goes on.
//!
//! Write `lock_whole`. It returns a guard to a warehouse in which the total is
//! the sum of the shelves, whatever happened before. Believe the shelves.
//! Afterwards the lock is no longer poisoned, so that the next thread can use
//! `lock` as if nothing had happened; but at no moment can a thread find the
//! lock free of poison and the total wrong. A warehouse that is not poisoned is
//! not counted anew, because that takes long.
//!
//! Hint: `Mutex::clear_poison`. Ask yourself when it is true that the data is
//! whole, and call it then.

use std::sync::{Mutex, MutexGuard};

#[derive(Clone, Debug, Default)]
pub struct Warehouse {
    pub shelves: Vec<u32>,
    /// The sum of the shelves, except in the middle of a change.
    pub total: u32,
    /// How often everything was counted anew.
    pub counts: u32,
}

impl Warehouse {
    /// Goes from shelf to shelf.
    pub fn count(&mut self) {
        self.total = self.shelves.iter().sum();
        self.counts += 1;
    }
}

pub mod starter {
    use super::*;
    use std::sync::PoisonError;

    /// A guard to a warehouse in which the total is right.
    pub fn lock_whole(
        warehouse: &Mutex<Warehouse>,
    ) -> MutexGuard<'_, Warehouse> {
        warehouse.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

pub mod solution {
    use super::*;

    /// A guard to a warehouse in which the total is right.
    pub fn lock_whole(
        warehouse: &Mutex<Warehouse>,
    ) -> MutexGuard<'_, Warehouse> {
        warehouse.lock().unwrap_or_else(|poisoned| {
            let mut guard = poisoned.into_inner();
            guard.count();
            // Only now, and while the guard is held: nobody can see the lock
            // free of poison and the total still wrong.
            warehouse.clear_poison();
            guard
        })
    }
}

/// You ask for the lock a second time while the error of the first still holds
/// the guard. A poisoned lock is locked like any other, so the thread waits for
/// itself, and the warehouse stays closed.
///
/// Caught by `the_total_fits_the_shelves_again`.
pub mod wrong_locks_twice {
    use super::*;

    pub fn lock_whole(
        warehouse: &Mutex<Warehouse>,
    ) -> MutexGuard<'_, Warehouse> {
        match warehouse.lock() {
            Ok(guard) => guard,
            Err(_) => {
                warehouse.clear_poison();
                let mut guard = warehouse.lock().expect("it was cleared");
                guard.count();
                guard
            }
        }
    }
}

/// You clear the poison first and then take the lock to count. In between,
/// another thread can take a lock that says all is well, and work with the
/// total of before the accident.
///
/// Caught by `the_poison_stays_until_the_guard_is_held`.
pub mod wrong_clears_before_it_locks {
    use super::*;

    pub fn lock_whole(
        warehouse: &Mutex<Warehouse>,
    ) -> MutexGuard<'_, Warehouse> {
        let poisoned = warehouse.is_poisoned();
        warehouse.clear_poison();
        let mut guard = warehouse.lock().expect("it was cleared");
        if poisoned {
            guard.count();
        }
        guard
    }
}

/// You repair the total and leave the mark on the lock. Every later call finds
/// it poisoned and counts the whole warehouse again, and every plain `lock`
/// fails as if there had been another accident.
///
/// Caught by `after_an_accident_it_is_counted_once`.
pub mod wrong_never_clears {
    use super::*;

    pub fn lock_whole(
        warehouse: &Mutex<Warehouse>,
    ) -> MutexGuard<'_, Warehouse> {
        warehouse.lock().unwrap_or_else(|poisoned| {
            let mut guard = poisoned.into_inner();
            guard.count();
            guard
        })
    }
}

/// You treat both results of `lock` alike: you take the guard out, count, and
/// clear. The total is right every time, and every thread that wants to look at
/// one shelf waits until all of them have been counted.
///
/// Caught by `a_warehouse_that_is_whole_is_not_counted_anew`.
pub mod wrong_always_counts {
    use super::*;
    use std::sync::PoisonError;

    pub fn lock_whole(
        warehouse: &Mutex<Warehouse>,
    ) -> MutexGuard<'_, Warehouse> {
        let mut guard =
            warehouse.lock().unwrap_or_else(PoisonError::into_inner);
        guard.count();
        warehouse.clear_poison();
        guard
    }
}

#[cfg(test)]
mod tests {
    use super::solution::*;
    use super::*;
    use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
    use std::sync::{Arc, PoisonError};
    use std::thread;
    use std::time::{Duration, Instant};

    const LONG: Duration = Duration::from_secs(5);

    fn warehouse(shelves: &[u32]) -> Arc<Mutex<Warehouse>> {
        let (shelves, total) = (shelves.to_vec(), shelves.iter().sum());
        Arc::new(Mutex::new(Warehouse { shelves, total, counts: 0 }))
    }

    /// Five were taken from the first shelf, and before the total was corrected
    /// came a panic.
    fn poisoned() -> Arc<Mutex<Warehouse>> {
        let warehouse = warehouse(&[20, 30]);
        thread::scope(|scope| {
            let accident = scope.spawn(|| {
                let mut guard = warehouse.lock().unwrap();
                guard.shelves[0] -= 5;
                panic!("this panic is part of the exercise");
            });
            assert!(accident.join().is_err());
        });
        assert!(warehouse.is_poisoned());
        warehouse
    }

    /// A thread that calls `lock_whole` now, and sends what it had access to.
    fn locking(warehouse: &Arc<Mutex<Warehouse>>) -> Receiver<Warehouse> {
        let (done, seen) = mpsc::channel();
        let (calls, called) = mpsc::channel();
        let warehouse = Arc::clone(warehouse);
        thread::spawn(move || {
            let _ = calls.send(());
            let guard = lock_whole(&warehouse);
            let found = guard.clone();
            drop(guard);
            let _ = done.send(found);
        });
        called.recv_timeout(LONG).expect("the thread starts");
        seen
    }

    /// What the thread found; a message if it hangs.
    fn found(seen: &Receiver<Warehouse>) -> Warehouse {
        seen.recv_timeout(LONG).unwrap_or_else(|error| match error {
            RecvTimeoutError::Timeout => panic!(
                "`lock_whole` did not return: does it lock again while it holds \
                 the guard? The error of a poisoned lock has the guard inside"
            ),
            RecvTimeoutError::Disconnected => panic!("`lock_whole` panicked"),
        })
    }

    fn locked(warehouse: &Arc<Mutex<Warehouse>>) -> Warehouse {
        found(&locking(warehouse))
    }

    #[test]
    fn the_total_fits_the_shelves_again() {
        let found = locked(&poisoned());
        assert_eq!(found.shelves, [15, 30], "believe the shelves");
        assert_eq!(found.total, 45, "the total is that of before the accident");
    }

    #[test]
    fn the_next_thread_finds_no_poison() {
        let warehouse = poisoned();
        locked(&warehouse);
        assert!(
            !warehouse.is_poisoned(),
            "the warehouse is whole, and its lock still says that it is not"
        );
    }

    #[test]
    fn a_warehouse_that_is_whole_is_not_counted_anew() {
        let warehouse = warehouse(&[1, 2]);
        locked(&warehouse);
        let counts = locked(&warehouse).counts;
        assert_eq!(
            counts, 0,
            "nothing had happened, and everything was counted {counts} times"
        );
    }

    #[test]
    fn after_an_accident_it_is_counted_once() {
        let warehouse = poisoned();
        locked(&warehouse);
        let counts = locked(&warehouse).counts;
        assert_eq!(
            counts, 1,
            "it was locked twice after one accident, and counted {counts} times"
        );
    }

    #[test]
    fn the_poison_stays_until_the_guard_is_held() {
        let warehouse = poisoned();
        // As long as the test holds the lock, nothing can be counted.
        let held = warehouse.lock().unwrap_or_else(PoisonError::into_inner);
        let seen = locking(&warehouse);
        let start = Instant::now();
        while warehouse.is_poisoned()
            && start.elapsed() < Duration::from_millis(500)
        {
            thread::yield_now();
        }
        let early = !warehouse.is_poisoned();
        drop(held);
        assert!(
            !early,
            "the poison was cleared while another thread held the lock: the \
             next one finds no poison, and a total that is still wrong"
        );
        assert_eq!(found(&seen).total, 45, "its total was not corrected");
    }
}
