// A stack behind a lock, and a stack without one whose nodes are freed when no
// thread can be looking at them any more.
//
// Tested on real threads: crossbeam's epochs are not of loom's types.

use std::sync::Mutex;
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};
use std::thread;

use crossbeam_epoch::{self as epoch, Atomic, Owned};

/// How many numbers are put on and taken off, however many threads share it.
pub const PAIRS: u64 = 10_000_000;

// ANCHOR: stack
#[derive(Default)]
pub struct Stack {
    top: Atomic<Node>,
}

struct Node {
    value: u64,
    below: Atomic<Node>,
}
// ANCHOR_END: stack

impl Stack {
    // ANCHOR: push
    pub fn push(&self, value: u64) {
        let guard = epoch::pin();
        let mut node = Owned::new(Node { value, below: Atomic::null() });
        loop {
            let top = self.top.load(Relaxed, &guard);
            node.below.store(top, Relaxed);
            match self.top.compare_exchange(top, node, Release, Relaxed, &guard)
            {
                Ok(_) => return,
                Err(refused) => node = refused.new,
            }
        }
    }
    // ANCHOR_END: push

    // ANCHOR: pop
    pub fn pop(&self) -> Option<u64> {
        let guard = epoch::pin();
        loop {
            let top = self.top.load(Acquire, &guard);
            // SAFETY: it was on the stack while this thread was pinned, so it
            // is not freed before `guard` is dropped.
            let node = unsafe { top.as_ref() }?;
            let below = node.below.load(Relaxed, &guard);
            let take =
                self.top.compare_exchange(top, below, Acquire, Relaxed, &guard);
            if take.is_ok() {
                // SAFETY: it is off the stack, so no thread that pins itself
                // from now on finds it, and only we took it off.
                unsafe { guard.defer_destroy(top) };
                return Some(node.value);
            }
        }
    }
    // ANCHOR_END: pop
}

impl Drop for Stack {
    fn drop(&mut self) {
        while self.pop().is_some() {}
    }
}

// ANCHOR: arms
/// Puts a number on and takes one off, so many times on so many threads.
/// Returns the sum of those that were taken.
pub fn mutex(pairs: u64, threads: usize) -> u64 {
    let stack = Mutex::new(Vec::new());
    on_threads(pairs, threads, |value| {
        stack.lock().expect(CALM).push(value);
        stack.lock().expect(CALM).pop()
    })
}

pub fn lock_free(pairs: u64, threads: usize) -> u64 {
    let stack = Stack::default();
    on_threads(pairs, threads, |value| {
        stack.push(value);
        stack.pop()
    })
}
// ANCHOR_END: arms

const CALM: &str = "no thread panics";

fn on_threads(
    pairs: u64,
    threads: usize,
    pair: impl Fn(u64) -> Option<u64> + Sync,
) -> u64 {
    let (threads, pair) = (threads as u64, &pair);
    thread::scope(|scope| {
        let workers: Vec<_> = (0..threads)
            .map(|first| {
                scope.spawn(move || {
                    let own = (first..pairs).step_by(threads as usize);
                    own.filter_map(pair).sum::<u64>()
                })
            })
            .collect();
        workers.into_iter().map(|worker| worker.join().expect(CALM)).sum()
    })
}

// ANCHOR: main
pub fn main() {
    const FEW: u64 = PAIRS / 100;
    println!("    mutex: {}", mutex(FEW, 2));
    println!("lock_free: {}", lock_free(FEW, 2));
}
// ANCHOR_END: main

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn the_last_one_comes_off_first() {
        let stack = Stack::default();
        (1..=3).for_each(|value| stack.push(value));
        assert_eq!([stack.pop(), stack.pop()], [Some(3), Some(2)]);
        assert_eq!([stack.pop(), stack.pop()], [Some(1), None]);
    }

    #[test]
    fn every_number_is_taken_once() {
        for threads in [1, 2, 3] {
            let sum = 1_000 * 999 / 2;
            assert_eq!(mutex(1_000, threads), sum);
            assert_eq!(lock_free(1_000, threads), sum);
        }
    }

    #[test]
    fn no_number_is_lost_between_threads_that_push_and_threads_that_pop() {
        const EACH: u64 = 20_000;
        let stack = Stack::default();
        let mut found = BTreeSet::new();
        thread::scope(|scope| {
            for first in [0, EACH] {
                let stack = &stack;
                scope.spawn(move || {
                    (first..first + EACH).for_each(|value| stack.push(value));
                });
            }
            let take =
                || (0..EACH).filter_map(|_| stack.pop()).collect::<Vec<_>>();
            let other = scope.spawn(take);
            for value in take().into_iter().chain(other.join().unwrap()) {
                assert!(found.insert(value), "{value} was taken twice");
            }
        });
        while let Some(value) = stack.pop() {
            assert!(found.insert(value), "{value} was taken twice");
        }
        assert_eq!(found.len() as u64, 2 * EACH);
    }
}
