//! # Recover from poison
//!
//! 15 minutes
//!
//! A warehouse counts what is on its shelves, and keeps the total beside them.
//! A thread panicked in the middle of a change, and since then the lock is
//! poisoned. Somebody has "repaired" it: the starter takes the guard out of the
//! error and goes on.
//!
//! Write `lock_whole`. It returns a guard to a warehouse in which the total is
//! the sum of the shelves, whatever happened before. Believe the shelves.
//! Afterwards the lock is no longer poisoned, so that the next thread can use
//! `lock` as if nothing had happened. A warehouse that is not poisoned is not
//! counted anew: that takes long.
//!
//! Hint: `Mutex::clear_poison`. Ask yourself when it is true that the data is
//! whole, and call it then.

use std::sync::{Mutex, MutexGuard};

#[derive(Debug, Default)]
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

#[cfg(test)]
mod tests {
    use super::solution::*;
    use super::*;
    use std::thread;

    /// Takes five from the first shelf and panics before it corrects the total.
    fn poisoned() -> Mutex<Warehouse> {
        let warehouse = Mutex::new(Warehouse {
            shelves: vec![20, 30],
            total: 50,
            counts: 0,
        });
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

    #[test]
    fn the_total_fits_the_shelves_again() {
        let warehouse = poisoned();
        let guard = lock_whole(&warehouse);
        assert_eq!(guard.shelves, [15, 30], "believe the shelves");
        assert_eq!(guard.total, 45, "the total is that of before the accident");
    }

    #[test]
    fn the_next_thread_finds_no_poison() {
        let warehouse = poisoned();
        drop(lock_whole(&warehouse));
        assert!(
            !warehouse.is_poisoned(),
            "the warehouse is whole, and its lock still says that it is not"
        );
    }

    #[test]
    fn a_warehouse_that_is_whole_is_not_counted_anew() {
        let warehouse =
            Mutex::new(Warehouse { shelves: vec![1, 2], total: 3, counts: 0 });
        drop(lock_whole(&warehouse));
        assert_eq!(lock_whole(&warehouse).counts, 0);
    }

    #[test]
    fn after_an_accident_it_is_counted_once() {
        let warehouse = poisoned();
        drop(lock_whole(&warehouse));
        assert_eq!(lock_whole(&warehouse).counts, 1);
    }
}
