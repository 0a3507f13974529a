//! # The same sum on every machine
//!
//! 10 minutes
//!
//! A laboratory compares its results bit by bit, and its machines have different
//! numbers of cores. `sum` below is correct up to rounding, and gives other last
//! digits elsewhere. Change it so that the number of threads no longer shows:
//! pieces of 1000 numbers, each summed by one call of `sum_piece`, in rayon's
//! threads; then the sums of the pieces, added from the first to the last.
//!
//! The tests compare bits, and look whether two threads sum two pieces at the
//! same time.
//!
//! Hint: What has to be added in order has to be collected first.

use rayon::prelude::*;

pub mod starter {
    use super::*;

    /// The sum of the numbers: the same bits on any number of threads.
    ///
    /// `sum_piece` is called for pieces of 1000 numbers, the last one shorter
    /// where it must be, in rayon's threads.
    pub fn sum(
        numbers: &[f64],
        sum_piece: impl Fn(&[f64]) -> f64 + Sync,
    ) -> f64 {
        // As many pieces as threads: another machine, another split.
        let pieces = rayon::current_num_threads();
        let piece = numbers.len().div_ceil(pieces).max(1);
        numbers.par_chunks(piece).map(&sum_piece).sum()
    }
}

pub mod solution {
    use super::*;

    /// The sum of the numbers: the same bits on any number of threads.
    ///
    /// `sum_piece` is called for pieces of 1000 numbers, the last one shorter
    /// where it must be, in rayon's threads.
    pub fn sum(
        numbers: &[f64],
        sum_piece: impl Fn(&[f64]) -> f64 + Sync,
    ) -> f64 {
        // Where the numbers are cut depends on the numbers alone.
        let pieces = numbers.par_chunks(1000);
        // `sum` of a parallel iterator would add two sums as soon as it has
        // them. Collected, they stand in the order of the pieces.
        let sums: Vec<f64> = pieces.map(&sum_piece).collect();
        sums.iter().sum()
    }
}

/// You cut pieces of 1000 numbers and add their sums with `sum` of the parallel
/// iterator. That adds two sums as soon as it has them, and which two depends
/// on how rayon has split the work. So the last digits still change with the
/// number of threads.
///
/// Caught by `every_number_of_threads_gives_the_same_bits`.
pub mod wrong_adds_in_parallel {
    use super::*;

    pub fn sum(
        numbers: &[f64],
        sum_piece: impl Fn(&[f64]) -> f64 + Sync,
    ) -> f64 {
        numbers.par_chunks(1000).map(&sum_piece).sum()
    }
}

/// You collect the sums by pushing them to a list behind a lock, and add the
/// list from first to last. It is in the order in which the pieces were done,
/// so two runs on one machine can already differ.
///
/// Caught by `the_order_in_which_pieces_are_done_does_not_show`.
pub mod wrong_in_the_order_of_completion {
    use super::*;
    use std::sync::Mutex;

    pub fn sum(
        numbers: &[f64],
        sum_piece: impl Fn(&[f64]) -> f64 + Sync,
    ) -> f64 {
        let sums = Mutex::new(Vec::new());
        numbers.par_chunks(1000).for_each(|piece| {
            let sum = sum_piece(piece);
            sums.lock().expect("no push panics").push(sum);
        });
        let sums = sums.into_inner().expect("no push panics");
        sums.iter().sum()
    }
}

/// You take `par_chunks_exact`, because pieces are to be 1000 numbers long. It
/// gives out whole pieces only, so up to 999 numbers at the end are missing
/// from the sum, and every machine agrees on the wrong result.
///
/// Caught by `few_numbers_have_a_sum_as_well`.
pub mod wrong_leaves_out_the_rest {
    use super::*;

    pub fn sum(
        numbers: &[f64],
        sum_piece: impl Fn(&[f64]) -> f64 + Sync,
    ) -> f64 {
        let pieces = numbers.par_chunks_exact(1000);
        let sums: Vec<f64> = pieces.map(&sum_piece).collect();
        sums.iter().sum()
    }
}

/// You sum one piece after the other in the thread that calls. The bits are the
/// same everywhere, and so is the time: a machine with 64 cores takes as long
/// as one with a single core.
///
/// Caught by `two_threads_sum_two_pieces_at_the_same_time`.
pub mod wrong_one_after_the_other {
    pub fn sum(
        numbers: &[f64],
        sum_piece: impl Fn(&[f64]) -> f64 + Sync,
    ) -> f64 {
        numbers.chunks(1000).map(sum_piece).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::solution::*;

    use std::sync::{Condvar, Mutex};
    use std::time::Duration;

    const LIMIT: Duration = Duration::from_secs(5);

    fn sum_piece(piece: &[f64]) -> f64 {
        piece.iter().sum()
    }

    /// What the laboratory wrote down.
    fn wanted(numbers: &[f64]) -> f64 {
        numbers.chunks(1000).map(sum_piece).sum()
    }

    fn numbers(count: u32) -> Vec<f64> {
        (1..=count).map(|n| 1.0 / f64::from(n)).collect()
    }

    fn pool(threads: usize) -> rayon::ThreadPool {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads);
        pool.build().unwrap()
    }

    #[test]
    fn every_number_of_threads_gives_the_same_bits() {
        let numbers = numbers(100_007);
        for threads in [1, 2, 3, 8] {
            let found = pool(threads).install(|| sum(&numbers, sum_piece));
            assert_eq!(
                found.to_bits(),
                wanted(&numbers).to_bits(),
                "{threads} threads: {found:.17} is not {:.17}",
                wanted(&numbers)
            );
        }
    }

    #[test]
    fn few_numbers_have_a_sum_as_well() {
        for count in [0, 1, 999, 1000, 1001] {
            let numbers = numbers(count);
            let found = sum(&numbers, sum_piece);
            assert_eq!(found, wanted(&numbers), "the sum of {count} numbers");
        }
    }

    #[test]
    fn pieces_are_a_thousand_numbers_long() {
        let lengths = Mutex::new(Vec::new());
        sum(&numbers(3500), |piece| {
            lengths.lock().unwrap().push(piece.len());
            sum_piece(piece)
        });
        let mut lengths = lengths.into_inner().unwrap();
        lengths.sort();
        assert_eq!(lengths, [500, 1000, 1000, 1000], "pieces of 3500 numbers");
    }

    #[test]
    fn the_order_in_which_pieces_are_done_does_not_show() {
        // From the first to the last they add up to 0: beside so large a number
        // the 1 is lost. It is not if the last two are added first.
        let mut numbers = vec![0.0; 4000];
        for (piece, first) in [1.0, 0.0, 1e17, -1e17].into_iter().enumerate() {
            numbers[1000 * piece] = first;
        }
        // The first piece is done after all others.
        let (others, more) = (Mutex::new(0), Condvar::new());
        let first_is_last = |piece: &[f64]| {
            let mut others = others.lock().unwrap();
            if piece[0] == 1.0 {
                let missing = |others: &mut usize| *others < 3;
                let waited = more.wait_timeout_while(others, LIMIT, missing);
                drop(waited.unwrap());
            } else {
                *others += 1;
                more.notify_all();
            }
            sum_piece(piece)
        };
        let found = pool(2).install(|| sum(&numbers, first_is_last));
        assert_eq!(
            found,
            wanted(&numbers),
            "the first piece was done last, and the sum is another one"
        );
    }

    #[test]
    fn two_threads_sum_two_pieces_at_the_same_time() {
        // A thread that sums waits here until a second one sums, too.
        let (summing, arrived) = (Mutex::new(0), Condvar::new());
        let met = |piece: &[f64]| {
            let mut summing = summing.lock().unwrap();
            *summing += 1;
            arrived.notify_all();
            let alone = |summing: &mut usize| *summing < 2;
            let (_together, waited) =
                arrived.wait_timeout_while(summing, LIMIT, alone).unwrap();
            assert!(!waited.timed_out(), "one piece is summed at a time");
            sum_piece(piece)
        };
        pool(2).install(|| sum(&numbers(2000), met));
    }
}
