// A value that is made when it is first asked for, by any thread: made twice,
// made twice and kept once, made once.
//
// Checked by loom, which includes this file and runs every order of its steps
// that the orderings allow.

use std::cell::UnsafeCell;
use std::hint;
use std::ptr;
use std::sync::atomic::{
    AtomicPtr, AtomicU8,
    Ordering::{Acquire, Relaxed, Release},
};
use std::thread;

// ANCHOR: lazy
/// Null until the first value is kept.
pub struct Lazy<T> {
    value: AtomicPtr<T>,
}
// ANCHOR_END: lazy

// `Send`, since any thread can make the value and another drop it; `Sync`, since
// all of them read it.
impl<T: Send + Sync> Lazy<T> {
    pub fn new() -> Lazy<T> {
        Lazy { value: AtomicPtr::new(ptr::null_mut()) }
    }

    // ANCHOR: naive
    /// Makes the value if none is there, and puts it there.
    pub fn naive(&self, make: impl FnOnce() -> T) -> &T {
        let mut value = self.value.load(Acquire);
        if value.is_null() {
            value = Box::into_raw(Box::new(make()));
            self.value.store(value, Release);
        }
        // SAFETY: it comes from a Box, and is freed with `self`. (If another
        // thread overwrites it, it is never freed, and two are in use.)
        unsafe { &*value }
    }
    // ANCHOR_END: naive

    // ANCHOR: right
    /// Keeps the value only if none is there yet.
    pub fn right(&self, make: impl FnOnce() -> T) -> &T {
        let mut value = self.value.load(Acquire);
        if value.is_null() {
            value = Box::into_raw(Box::new(make()));
            let none = ptr::null_mut();
            if let Err(first) =
                self.value.compare_exchange(none, value, Release, Acquire)
            {
                // SAFETY: ours comes from the Box above, and no other thread
                // has seen it.
                drop(unsafe { Box::from_raw(value) });
                value = first;
            }
        }
        // SAFETY: it comes from a Box, is never replaced, and is freed with
        // `self`. Acquire: what it was made of was written before.
        unsafe { &*value }
    }
    // ANCHOR_END: right

    // ANCHOR: relaxed
    /// As `right`, without a promise.
    pub fn relaxed(&self, make: impl FnOnce() -> T) -> &T {
        let mut value = self.value.load(Relaxed);
        if value.is_null() {
            value = Box::into_raw(Box::new(make()));
            let none = ptr::null_mut();
            if let Err(first) =
                self.value.compare_exchange(none, value, Relaxed, Relaxed)
            {
                // SAFETY: ours comes from the Box above, and no other thread
                // has seen it.
                drop(unsafe { Box::from_raw(value) });
                value = first;
            }
        }
        // SAFETY: not enough! The pointer is there, and what it points to
        // need not be.
        unsafe { &*value }
    }
    // ANCHOR_END: relaxed
}

impl<T: Send + Sync> Default for Lazy<T> {
    fn default() -> Lazy<T> {
        Lazy::new()
    }
}

impl<T> Drop for Lazy<T> {
    fn drop(&mut self) {
        let value = *self.value.get_mut();
        if !value.is_null() {
            // SAFETY: it comes from a Box, and nobody borrows from `self` now.
            drop(unsafe { Box::from_raw(value) });
        }
    }
}

const EMPTY: u8 = 0;
const MAKING: u8 = 1;
const READY: u8 = 2;

// ANCHOR: once
/// One thread makes the value, and the others wait for it.
pub struct Once<T> {
    state: AtomicU8,
    value: UnsafeCell<Option<T>>,
}

// SAFETY: one thread writes the value, before it is READY; after that all of
// them read it (`Sync`), and any can be the last to drop it (`Send`).
unsafe impl<T: Send + Sync> Sync for Once<T> {}

impl<T> Once<T> {
    pub fn get(&self, make: impl FnOnce() -> T) -> &T {
        // The first look is all it costs once the value is there.
        while self.state.load(Acquire) != READY {
            let claim =
                || self.state.compare_exchange(EMPTY, MAKING, Relaxed, Relaxed);
            if claim().is_ok() {
                // SAFETY: one exchange alone finds it EMPTY, and no other
                // thread looks before it is READY.
                unsafe { *self.value.get() = Some(make()) };
                self.state.store(READY, Release);
                break;
            }
            hint::spin_loop();
        }
        // SAFETY: it is READY, so it is written, and never again.
        let value = unsafe { (*self.value.get().cast_const()).as_ref() };
        value.expect("it is written before it is READY")
    }
}
// ANCHOR_END: once

impl<T> Once<T> {
    pub fn new() -> Once<T> {
        Once { state: AtomicU8::new(EMPTY), value: UnsafeCell::new(None) }
    }
}

impl<T> Default for Once<T> {
    fn default() -> Once<T> {
        Once::new()
    }
}

/// Where two threads found the value, asked at the same time.
pub fn two_ask<L: Sync>(lazy: &L, get: fn(&L, u64) -> u64) -> (u64, u64) {
    thread::scope(|scope| {
        let first = scope.spawn(|| get(lazy, 1));
        let second = scope.spawn(|| get(lazy, 2));
        let joined = "no thread panics";
        (first.join().expect(joined), second.join().expect(joined))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_value_stays() {
        let lazy = Lazy::new();
        assert_eq!(*lazy.right(|| "first"), "first");
        assert_eq!(*lazy.right(|| "second"), "first");
        let once = Once::new();
        assert_eq!(*once.get(|| "first"), "first");
        assert_eq!(*once.get(|| "second"), "first");
    }

    #[test]
    fn two_threads_find_the_same_value() {
        for _ in 0..200 {
            let lazy = Lazy::new();
            let (a, b) = two_ask(&lazy, |lazy, mine| *lazy.right(|| mine));
            assert_eq!(a, b);
            let once = Once::new();
            let (a, b) = two_ask(&once, |once, mine| *once.get(|| mine));
            assert_eq!(a, b);
        }
    }
}
