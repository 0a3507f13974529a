//! How many threads, where each piece waits and then computes?
//!
//! Runs locally only: it measures the machine that it runs on.
// The threads share a channel that holds the pieces: there is no order of steps
// for a model checker to explore.

use std::hint::black_box;
use std::thread;
use std::time::{Duration, Instant};

use crate::choosing::paradigms::{Computed, Work, pool_of};

// ANCHOR: reckoned
/// So many threads keep all cores busy: while one of them computes, the others
/// wait.
fn reckoned(cores: usize, wait: Duration, compute: Duration) -> usize {
    let shares = 1.0 + wait.as_secs_f64() / compute.as_secs_f64();
    (cores as f64 * shares).ceil() as usize
}

pub fn main() {
    let cores = thread::available_parallelism().map_or(1, usize::from);
    for waiting in [0, 50, 75] {
        let work = Work { waiting };
        let began = Instant::now();
        black_box(work.compute(7));
        let threads = reckoned(cores, work.wait(), began.elapsed());
        println!("{waiting:2} % waiting, {cores} cores: {threads} threads");
    }
}
// ANCHOR_END: reckoned

/// So that a thread for each core takes as long on any machine.
const PIECES_FOR_EACH_CORE: u64 = 32;

/// The pieces, in a pool with so many threads for each core.
pub fn pool(work: Work, threads_for_each_core: u64) -> Computed {
    let cores = thread::available_parallelism().map_or(1, usize::from) as u64;
    pool_of(cores * threads_for_each_core, cores * PIECES_FOR_EACH_CORE, work)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_only_computes_needs_a_thread_for_each_core() {
        let ms = Duration::from_millis;
        assert_eq!(reckoned(2, ms(0), ms(8)), 2);
        assert_eq!(reckoned(2, ms(4), ms(4)), 4);
        assert_eq!(reckoned(8, ms(6), ms(2)), 32);
        assert_eq!(reckoned(1, ms(1), ms(3)), 2, "a part of a thread is one");
    }

    #[test]
    fn a_pool_of_any_size_does_every_piece() {
        let work = Work { waiting: 99 };
        let computed = pool(work, 1);
        assert_eq!(computed.len() as u64 % PIECES_FOR_EACH_CORE, 0);
        assert_eq!(pool(work, 8), computed);
    }
}
