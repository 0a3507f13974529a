// Litmus tests: a few statements in two to four threads, with weaker and
// stronger orderings. Which outcomes do millions of trials show?
//
// Checked by loom, which includes this file and looks for every outcome that
// the orderings leave open, and by shuttle, which runs every interleaving.
//
// Runs on the Playground.

use std::collections::BTreeMap;
use std::hint;
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering, fence};
use std::thread;

// ANCHOR: trial
/// The two variables of one trial, on cache lines of their own.
#[derive(Default)]
pub struct Trial {
    x: Line,
    y: Line,
}

#[derive(Default)]
#[repr(align(128))]
pub struct Line(AtomicU32);

/// What one thread of a trial does, and what it has read.
pub type Part = fn(&Trial) -> [u32; 2];
// ANCHOR_END: trial

// ANCHOR: orders
/// With what a test stores and loads, and whether a fence stands between.
pub trait Orders {
    const STORE: Ordering;
    const LOAD: Ordering;
    const FENCE: bool = false;

    fn store(line: &Line) {
        line.0.store(1, Self::STORE);
    }

    fn load(line: &Line) -> u32 {
        line.0.load(Self::LOAD)
    }

    fn between() {
        if Self::FENCE {
            fence(Ordering::SeqCst);
        }
    }
}

pub struct Relaxed;
pub struct ReleaseAcquire;
pub struct SeqCst;
pub struct Fences;

impl Orders for Relaxed {
    const STORE: Ordering = Ordering::Relaxed;
    const LOAD: Ordering = Ordering::Relaxed;
}

impl Orders for ReleaseAcquire {
    const STORE: Ordering = Ordering::Release;
    const LOAD: Ordering = Ordering::Acquire;
}

impl Orders for SeqCst {
    const STORE: Ordering = Ordering::SeqCst;
    const LOAD: Ordering = Ordering::SeqCst;
}

impl Orders for Fences {
    const STORE: Ordering = Ordering::Relaxed;
    const LOAD: Ordering = Ordering::Relaxed;
    const FENCE: bool = true;
}
// ANCHOR_END: orders

/// A test: its threads, and which of what they read makes the outcome.
pub struct Test {
    pub parts: Vec<Part>,
    pub reads: Vec<(usize, usize)>,
}

// ANCHOR: store_buffering
/// Each stores to one variable, and loads the other.
pub fn store_buffering<O: Orders>() -> Test {
    let first: Part = |trial| {
        O::store(&trial.x);
        O::between();
        [O::load(&trial.y), 0]
    };
    let second: Part = |trial| {
        O::store(&trial.y);
        O::between();
        [O::load(&trial.x), 0]
    };
    Test { parts: vec![first, second], reads: vec![(0, 0), (1, 0)] }
}
// ANCHOR_END: store_buffering

// ANCHOR: message_passing
/// Data is stored in x, and y says that it is there.
pub fn message_passing<O: Orders>() -> Test {
    let send: Part = |trial| {
        O::store(&trial.x);
        O::between();
        O::store(&trial.y);
        [0, 0]
    };
    let receive: Part = |trial| {
        let ready = O::load(&trial.y);
        O::between();
        [ready, O::load(&trial.x)]
    };
    Test { parts: vec![send, receive], reads: vec![(1, 0), (1, 1)] }
}
// ANCHOR_END: message_passing

// ANCHOR: load_buffering
/// Each loads one variable, and stores to the other.
pub fn load_buffering<O: Orders>() -> Test {
    let first: Part = |trial| {
        let read = O::load(&trial.x);
        O::between();
        O::store(&trial.y);
        [read, 0]
    };
    let second: Part = |trial| {
        let read = O::load(&trial.y);
        O::between();
        O::store(&trial.x);
        [read, 0]
    };
    Test { parts: vec![first, second], reads: vec![(0, 0), (1, 0)] }
}
// ANCHOR_END: load_buffering

// ANCHOR: coherence
/// One stores, and the other looks twice at the same variable.
pub fn coherence<O: Orders>() -> Test {
    let change: Part = |trial| {
        O::store(&trial.x);
        [0, 0]
    };
    let look: Part = |trial| {
        let before = O::load(&trial.x);
        O::between();
        [before, O::load(&trial.x)]
    };
    Test { parts: vec![change, look], reads: vec![(1, 0), (1, 1)] }
}
// ANCHOR_END: coherence

// ANCHOR: independent_reads
/// Two store, each to its variable; two others look at both, one of them at
/// x first, the other at y.
pub fn independent_reads<O: Orders>() -> Test {
    let store_x: Part = |trial| {
        O::store(&trial.x);
        [0, 0]
    };
    let store_y: Part = |trial| {
        O::store(&trial.y);
        [0, 0]
    };
    let x_first: Part = |trial| {
        let x = O::load(&trial.x);
        O::between();
        [x, O::load(&trial.y)]
    };
    let y_first: Part = |trial| {
        let y = O::load(&trial.y);
        O::between();
        [y, O::load(&trial.x)]
    };
    let parts = vec![store_x, store_y, x_first, y_first];
    Test { parts, reads: vec![(2, 0), (2, 1), (3, 0), (3, 1)] }
}
// ANCHOR_END: independent_reads

impl Test {
    /// What was read, as a word: "0 1".
    pub fn outcome(&self, read: &[[u32; 2]]) -> String {
        let digit = |&(part, at): &(usize, usize)| read[part][at].to_string();
        self.reads.iter().map(digit).collect::<Vec<_>>().join(" ")
    }
}

// ANCHOR: outcomes
/// After so many trials, the threads meet again.
const BATCH: usize = 32;
/// One of them begins late, by fewer turns than this.
const LATE: usize = 4;
/// So many have variables of their own; then these are set back to 0.
const AT_ONCE: usize = 16_384;

/// How many of so many trials ended with which outcome.
pub fn outcomes(test: &Test, trials: usize) -> BTreeMap<String, u64> {
    let mut outcomes = BTreeMap::new();
    let mut all = Vec::from_iter((0..AT_ONCE).map(|_| Trial::default()));
    for begun in (0..trials).step_by(AT_ONCE) {
        let some = &mut all[..AT_ONCE.min(trials - begun)];
        some.fill_with(Trial::default);
        let read = run(test, some);
        for trial in 0..some.len() {
            let of: Vec<_> = read.iter().map(|part| part[trial]).collect();
            *outcomes.entry(test.outcome(&of)).or_default() += 1;
        }
    }
    outcomes
}

/// A thread for each part, which runs it in every trial, in step with the
/// others. Returns what each has read.
fn run(test: &Test, all: &[Trial]) -> Vec<Vec<[u32; 2]>> {
    let arrived = AtomicUsize::new(0);
    let (arrived, threads) = (&arrived, test.parts.len());
    thread::scope(|scope| {
        let mut workers = Vec::new();
        for (number, &part) in test.parts.iter().enumerate() {
            workers.push(scope.spawn(move || {
                let mut read = Vec::with_capacity(all.len());
                for (batch, trials) in all.chunks(BATCH).enumerate() {
                    meet(arrived, (batch + 1) * threads);
                    // Each time another one begins late.
                    let late = batch % threads == number;
                    for _ in 0..if late { batch / threads % LATE } else { 0 } {
                        hint::spin_loop();
                    }
                    read.extend(trials.iter().map(part));
                }
                read
            }));
        }
        workers.into_iter().map(|worker| worker.join().expect(CALM)).collect()
    })
}

/// Waits until so many have arrived: spinning, so that all go on at once; where
/// there are too few cores, it lets the others come.
fn meet(arrived: &AtomicUsize, all: usize) {
    arrived.fetch_add(1, Ordering::AcqRel);
    let mut turns = 0;
    while arrived.load(Ordering::Acquire) < all {
        turns += 1;
        if turns % 100 == 0 {
            thread::yield_now();
        } else {
            hint::spin_loop();
        }
    }
}
// ANCHOR_END: outcomes

const CALM: &str = "no trial panics";

// ANCHOR: main
pub fn main() {
    let outcomes = outcomes(&store_buffering::<SeqCst>(), 100_000);
    println!(
        "With SeqCst, 0 and 0: {} times",
        outcomes.get("0 0").unwrap_or(&0)
    );
}
// ANCHOR_END: main

#[cfg(test)]
mod tests {
    use super::*;

    fn sum(outcomes: &BTreeMap<String, u64>) -> u64 {
        outcomes.values().sum()
    }

    #[test]
    fn every_trial_is_counted_once_however_many_there_are() {
        for trials in [1, 2, BATCH - 1, BATCH + 1, AT_ONCE + 3] {
            for test in [
                store_buffering::<Relaxed>(),
                message_passing::<ReleaseAcquire>(),
                load_buffering::<SeqCst>(),
                coherence::<Fences>(),
                independent_reads::<Relaxed>(),
            ] {
                let outcomes = outcomes(&test, trials);
                assert_eq!(sum(&outcomes), trials as u64, "{outcomes:?}");
            }
        }
    }

    #[test]
    fn no_trials_have_no_outcome() {
        assert_eq!(outcomes(&coherence::<Relaxed>(), 0), BTreeMap::new());
    }

    #[test]
    fn what_runs_one_after_the_other_has_the_outcome_of_that_order() {
        let in_order = |test: Test| {
            let trial = Trial::default();
            let read: Vec<_> =
                test.parts.iter().map(|part| part(&trial)).collect();
            test.outcome(&read)
        };
        assert_eq!(in_order(store_buffering::<Relaxed>()), "0 1");
        assert_eq!(in_order(message_passing::<Relaxed>()), "1 1");
        assert_eq!(in_order(load_buffering::<Relaxed>()), "0 1");
        assert_eq!(in_order(coherence::<Relaxed>()), "1 1");
        assert_eq!(in_order(independent_reads::<Relaxed>()), "1 1 1 1");
    }

    #[test]
    fn what_sequential_consistency_forbids_is_not_seen() {
        let tests = [
            (store_buffering::<SeqCst>(), "0 0"),
            (store_buffering::<Fences>(), "0 0"),
            (message_passing::<SeqCst>(), "1 0"),
            (message_passing::<ReleaseAcquire>(), "1 0"),
            (load_buffering::<SeqCst>(), "1 1"),
            (coherence::<Relaxed>(), "1 0"),
            (independent_reads::<SeqCst>(), "1 0 1 0"),
        ];
        for (test, forbidden) in tests {
            let outcomes = outcomes(&test, 20_000);
            assert_eq!(outcomes.get(forbidden), None, "{outcomes:?}");
        }
    }
}
