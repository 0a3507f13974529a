// A lock made of one atomic: wrong, right, then kinder to the other cores.
//
// Checked by loom, which includes this file and runs every order of its steps
// that the orderings allow.

use std::cell::UnsafeCell;
use std::hint;
use std::sync::atomic::{
    AtomicBool,
    Ordering::{Acquire, Relaxed, Release},
};
use std::thread;

// ANCHOR: lock
pub struct SpinLock<T> {
    taken: AtomicBool,
    value: UnsafeCell<T>,
}

// SAFETY: threads that share the lock reach the value one at a time, so it
// goes from thread to thread as a value that is sent does.
unsafe impl<T: Send> Sync for SpinLock<T> {}
// ANCHOR_END: lock

impl<T> SpinLock<T> {
    pub fn new(value: T) -> SpinLock<T> {
        SpinLock {
            taken: AtomicBool::new(false),
            value: UnsafeCell::new(value),
        }
    }

    // ANCHOR: unlock
    /// Lets the caller change the value, and frees the lock.
    ///
    /// # Safety
    /// The caller has taken the lock, and gives it up here.
    unsafe fn change_and_unlock<R>(
        &self,
        change: impl FnOnce(&mut T) -> R,
    ) -> R {
        // SAFETY: this thread has the lock, and no other thread gets here
        // before the store below.
        let value = unsafe { &mut *self.value.get() };
        let result = change(value);
        self.taken.store(false, Release);
        result
    }
    // ANCHOR_END: unlock

    // ANCHOR: naive
    /// Waits until the lock looks free, then takes it.
    pub fn naive<R>(&self, change: impl FnOnce(&mut T) -> R) -> R {
        while self.taken.load(Acquire) {
            hint::spin_loop();
        }
        self.taken.store(true, Relaxed);
        // SAFETY: none! Two threads can both have seen it free.
        unsafe { self.change_and_unlock(change) }
    }
    // ANCHOR_END: naive

    // ANCHOR: relaxed
    /// Looks and takes in one step, and promises nothing else.
    pub fn relaxed<R>(&self, change: impl FnOnce(&mut T) -> R) -> R {
        // ANCHOR: relaxed_take
        // changed: one step
        let take =
            || self.taken.compare_exchange(false, true, Relaxed, Relaxed);
        while take().is_err() {
            hint::spin_loop();
        }
        // ANCHOR_END: relaxed_take
        // SAFETY: not enough! What the last owner wrote need not be seen.
        unsafe { self.change_and_unlock(change) }
    }
    // ANCHOR_END: relaxed

    // ANCHOR: right
    /// Looks and takes in one step, and sees what the last owner wrote.
    pub fn right<R>(&self, change: impl FnOnce(&mut T) -> R) -> R {
        // changed: Acquire
        let take =
            || self.taken.compare_exchange(false, true, Acquire, Relaxed);
        while take().is_err() {
            hint::spin_loop();
        }
        // SAFETY: our exchange succeeded, and no other does until the lock is
        // freed. It read what the last owner's Release store wrote, so all
        // that the last owner did to the value happened before.
        unsafe { self.change_and_unlock(change) }
    }
    // ANCHOR_END: right

    // ANCHOR: fast
    /// Only looks while the lock is taken, and tries again once it is not.
    pub fn fast<R>(&self, change: impl FnOnce(&mut T) -> R) -> R {
        let take =
            || self.taken.compare_exchange(false, true, Acquire, Relaxed);
        // ANCHOR: fast_take
        while take().is_err() {
            // changed: only looks
            while self.taken.load(Relaxed) {
                hint::spin_loop();
            }
        }
        // ANCHOR_END: fast_take
        // SAFETY: as in `right`; the loads decide nothing.
        unsafe { self.change_and_unlock(change) }
    }
    // ANCHOR_END: fast
}

// ANCHOR: two_deposits
/// Two threads add 1 to a balance of 0. Returns the balance.
pub fn two_deposits(add_one: fn(&SpinLock<u64>)) -> u64 {
    let balance = SpinLock::new(0);
    thread::scope(|scope| {
        scope.spawn(|| add_one(&balance));
        scope.spawn(|| add_one(&balance));
    });
    balance.right(|balance| *balance)
}
// ANCHOR_END: two_deposits

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plain_addition_is_not_lost_under_the_lock() {
        fn total(add: impl Fn(&SpinLock<u64>) + Sync) -> u64 {
            let count = SpinLock::new(0);
            thread::scope(|scope| {
                for _ in 0..2 {
                    scope.spawn(|| (0..10_000).for_each(|_| add(&count)));
                }
            });
            count.value.into_inner()
        }
        assert_eq!(total(|count| count.right(|count| *count += 1)), 20_000);
        assert_eq!(total(|count| count.fast(|count| *count += 1)), 20_000);
    }
}
