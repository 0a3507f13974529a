//! One sum, split in several ways: the last digits depend on the split.

use std::collections::BTreeSet;

use rayon::prelude::*;

// ANCHOR: sums
/// Runs of neighbors, summed each by itself; then the sums, in order.
pub fn in_runs(numbers: &[f64], runs: usize) -> f64 {
    let run = numbers.len().div_ceil(runs.max(1)).max(1);
    numbers.chunks(run).map(|run| run.iter().sum::<f64>()).sum()
}

/// rayon splits where a thread is idle: not the same way every time.
pub fn by_rayon(numbers: &[f64]) -> f64 {
    numbers.par_iter().sum()
}

/// Pieces of a fixed length, on any number of threads; their sums are added up
/// in the order of the pieces.
pub fn in_fixed_pieces(numbers: &[f64]) -> f64 {
    let sums: Vec<f64> =
        numbers.par_chunks(4096).map(|piece| piece.iter().sum()).collect();
    sums.iter().sum()
}
// ANCHOR_END: sums

// ANCHOR: main
pub fn main() {
    let numbers: Vec<f64> =
        (1..=1_000_000).map(|n| 1.0 / f64::from(n)).collect();
    for runs in [1, 2, 3, 4, 8] {
        println!("{runs} runs          {:.16}", in_runs(&numbers, runs));
    }
    println!("fixed pieces    {:.16}", in_fixed_pieces(&numbers));
    let seen: BTreeSet<u64> =
        (0..1_000).map(|_| by_rayon(&numbers).to_bits()).collect();
    println!("rayon, 1000 times: {} different sums", seen.len());
}
// ANCHOR_END: main

#[cfg(test)]
mod tests {
    use super::*;

    fn harmonic() -> Vec<f64> {
        (1..=100_000).map(|n| 1.0 / f64::from(n)).collect()
    }

    /// The sum from the smallest on, the error of each step carried along.
    fn precise(numbers: &[f64]) -> f64 {
        let (mut sum, mut lost) = (0.0, 0.0);
        for number in numbers.iter().rev() {
            let add = number - lost;
            let next = sum + add;
            lost = (next - sum) - add;
            sum = next;
        }
        sum
    }

    #[test]
    fn the_split_decides_the_last_digits_and_no_more() {
        let numbers = harmonic();
        let mut sums =
            [1, 2, 3, 4, 8].map(|runs| in_runs(&numbers, runs)).to_vec();
        let different: BTreeSet<u64> =
            sums.iter().map(|sum| sum.to_bits()).collect();
        assert!(different.len() > 1, "all splits gave {}", sums[0]);
        sums.push(by_rayon(&numbers));
        for sum in sums {
            assert!((sum - precise(&numbers)).abs() < 1e-10, "{sum}");
        }
    }

    #[test]
    fn fixed_pieces_give_the_same_bits_on_any_number_of_threads() {
        let numbers = harmonic();
        let by_hand: f64 =
            numbers.chunks(4096).map(|p| p.iter().sum::<f64>()).sum();
        for threads in [1, 2, 3, 7] {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads);
            let sum =
                pool.build().unwrap().install(|| in_fixed_pieces(&numbers));
            assert_eq!(sum.to_bits(), by_hand.to_bits(), "{threads} threads");
        }
    }
}
