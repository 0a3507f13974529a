// The same computing by more and more threads for each core: threads that need
// nothing from each other, threads that meet after each phase, and libraries
// that bring pools of their own.
//
// The threads that meet are checked by shuttle, which includes this file and
// runs orders of a few phases. What rayon does is not.

use std::hint::black_box;
use std::sync::Barrier;
use std::thread;

use rayon::prelude::*;
use rayon::{ThreadPool, ThreadPoolBuilder};

/// The work: so many steps in all.
pub const STEPS: u64 = 160_000_000;
/// Those who meet do so this many times.
pub const PHASES: u64 = 100;
/// So many calls of a library share the steps.
pub const CALLS: u64 = 200;

// ANCHOR: apart
/// Each thread has its share and needs nothing from the others.
pub fn apart(steps: u64, threads: usize) -> u64 {
    together(threads, |_| mixed(steps / threads as u64))
}
// ANCHOR_END: apart

// ANCHOR: meeting
/// The same shares in phases: none begins the next before all have finished this
/// one.
pub fn meeting(steps: u64, phases: u64, threads: usize) -> u64 {
    let all_are_here = Barrier::new(threads);
    together(threads, |_| {
        (0..phases).fold(0, |done, _| {
            let part = mixed(steps / threads as u64 / phases);
            all_are_here.wait();
            done + part
        })
    })
}
// ANCHOR_END: meeting

// ANCHOR: library
/// A library that uses all cores for one call, by whichever pool it is in.
fn library(steps: u64) -> u64 {
    let parts = 8;
    (0..parts).into_par_iter().map(|_| mixed(steps / parts)).sum()
}

/// Calls in parallel, and the library splits each again: all in one pool.
pub fn one_pool(steps: u64, calls: u64, threads: usize) -> u64 {
    pool(threads).install(|| {
        let calls_made = (0..calls).into_par_iter();
        calls_made.map(|_| library(steps / calls)).sum()
    })
}

/// A library that makes a pool for each call, and takes it down again.
pub fn pool_each_call(steps: u64, calls: u64, threads: usize) -> u64 {
    pool(threads).install(|| {
        let calls_made = (0..calls).into_par_iter();
        let own = || pool(threads).install(|| library(steps / calls));
        calls_made.map(|_| own()).sum()
    })
}
// ANCHOR_END: library

fn pool(threads: usize) -> ThreadPool {
    let pool = ThreadPoolBuilder::new().num_threads(threads);
    pool.build().expect("the system has threads left")
}

/// A number that cannot be had without so many steps; returns how many.
pub fn mixed(steps: u64) -> u64 {
    let end = (0..steps).fold(steps, |mixed, _| {
        (mixed ^ (mixed >> 29)).wrapping_mul(0x9E37_79B9_7F4A_7C15)
    });
    black_box(end);
    steps
}

/// The sum of what each thread returns; the first is number 0.
fn together(threads: usize, work: impl Fn(usize) -> u64 + Sync) -> u64 {
    let work = &work;
    thread::scope(|scope| {
        let started: Vec<_> =
            (0..threads).map(|n| scope.spawn(move || work(n))).collect();
        started.into_iter().map(|t| t.join().expect("no step panics")).sum()
    })
}

// ANCHOR: main
pub fn main() {
    let steps = STEPS / 20;
    println!("{} steps by 64 threads", apart(steps, 64));
    println!("{} steps, and 10 meetings", meeting(steps, 10, 64));
    println!("{} steps in one pool", one_pool(steps, 10, 2));
    println!("{} steps, a pool a call", pool_each_call(steps, 10, 2));
}
// ANCHOR_END: main

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_steps_are_made_whoever_makes_them() {
        for threads in [1, 2, 16] {
            assert_eq!(apart(160_000, threads), 160_000);
            assert_eq!(meeting(160_000, 10, threads), 160_000);
            assert_eq!(one_pool(160_000, 20, threads), 160_000);
            assert_eq!(pool_each_call(160_000, 20, threads), 160_000);
        }
    }
}
