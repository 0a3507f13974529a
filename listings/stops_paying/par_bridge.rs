// An iterator that knows only its next item, shared by rayon's threads: they take
// turns at it, and results come in whatever order they are done.
//
// Tested on real threads: rayon's are not modeled by shuttle or loom.

use rayon::prelude::*;

// ANCHOR: bridge
/// Every number comes from one iterator, behind a lock.
pub fn bridge(below: u64, threads: usize) -> Vec<u64> {
    in_pool(threads, || (0..below).par_bridge().map(scrambled).collect())
}

/// The same numbers as a range, which rayon can cut.
pub fn range(below: u64, threads: usize) -> Vec<u64> {
    in_pool(threads, || (0..below).into_par_iter().map(scrambled).collect())
}
// ANCHOR_END: bridge

pub fn sequential(below: u64) -> Vec<u64> {
    (0..below).map(scrambled).collect()
}

// ANCHOR: chunks
/// A thousand numbers at a time come through the lock.
pub fn bridge_chunks(below: u64, threads: usize) -> Vec<u64> {
    let firsts = (0..below).step_by(1_000);
    let chunk = |first| (first..below.min(first + 1_000)).map(scrambled);
    in_pool(threads, || firsts.par_bridge().flat_map_iter(chunk).collect())
}
// ANCHOR_END: chunks

/// Larger numbers have larger results, so that the order shows.
fn scrambled(number: u64) -> u64 {
    let mixed = (0..40).fold(number, |mixed, _| {
        (mixed ^ (mixed >> 29)).wrapping_mul(0x9E37_79B9_7F4A_7C15)
    });
    number << 8 | mixed >> 56
}

fn in_pool<R: Send>(threads: usize, work: impl FnOnce() -> R + Send) -> R {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads);
    pool.build().expect("the system has threads left").install(work)
}

/// So many numbers.
pub const BELOW: u64 = 2_000_000;

// ANCHOR: main
pub fn main() {
    for (name, numbers) in
        [("range ", range(100_000, 2)), ("bridge", bridge(100_000, 2))]
    {
        let sum = numbers.iter().map(|number| number >> 8).sum::<u64>();
        println!("{name}: sum {sum}, in order: {}", numbers.is_sorted());
    }
}
// ANCHOR_END: main

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_comes_once_and_a_range_keeps_the_order() {
        let expected = sequential(10_500);
        assert_eq!(range(10_500, 3), expected);
        for mut unordered in [bridge(10_500, 3), bridge_chunks(10_500, 3)] {
            unordered.sort_unstable();
            assert_eq!(unordered, expected);
        }
    }
}
