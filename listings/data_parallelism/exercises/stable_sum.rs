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
//! The tests compare bits, and look at how many pieces are summed at the same
//! time.
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

#[cfg(test)]
mod tests {
    use super::solution::*;

    use std::sync::{Condvar, Mutex};
    use std::time::Duration;

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
            assert_eq!(sum(&numbers, sum_piece), wanted(&numbers));
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
        assert_eq!(lengths, [500, 1000, 1000, 1000]);
    }

    #[test]
    fn two_threads_sum_two_pieces_at_the_same_time() {
        // Whoever sums waits here until a second one does, too.
        let (summing, arrived) = (Mutex::new(0), Condvar::new());
        let met = |piece: &[f64]| {
            let mut summing = summing.lock().unwrap();
            *summing += 1;
            arrived.notify_all();
            let alone = |summing: &mut usize| *summing < 2;
            let limit = Duration::from_secs(10);
            let (_together, waited) =
                arrived.wait_timeout_while(summing, limit, alone).unwrap();
            assert!(!waited.timed_out(), "one piece is summed at a time");
            sum_piece(piece)
        };
        pool(2).install(|| sum(&numbers(2000), met));
    }
}
