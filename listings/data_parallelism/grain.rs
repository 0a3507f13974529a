// The same work, handed out in chunks of every size: how small is too small,
// and how large too large.
//
// The hand-out by a counter is checked by shuttle, which includes this file and
// runs every order of its steps. What rayon does is not.

use std::env;
use std::ops::Range;
use std::process::ExitCode;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use rayon::prelude::*;

// ANCHOR: passes
/// Whether the last digit is the check digit of those before it, as on a payment
/// card. Source: the Luhn formula, ISO/IEC 7812-1, annex B.
pub fn passes(mut number: usize) -> bool {
    let mut sum = 0;
    let mut doubled = false;
    while number > 0 {
        let digit = number % 10;
        sum += match (doubled, digit) {
            (false, digit) => digit,
            (true, digit @ 0..5) => 2 * digit,
            (true, digit) => 2 * digit - 9, // its two digits added up
        };
        number /= 10;
        doubled = !doubled;
    }
    sum.is_multiple_of(10)
}

/// How many of these numbers pass.
pub fn count(numbers: Range<usize>) -> usize {
    numbers.filter(|number| passes(*number)).count()
}
// ANCHOR_END: passes

// ANCHOR: threads
/// Each worker takes the next chunk as soon as it is done with its last. The
/// counts are added up in the end.
pub fn threads(below: usize, chunk: usize, workers: usize) -> usize {
    let next = AtomicUsize::new(0);
    let worker = || {
        let mut passed = 0;
        loop {
            let start = next.fetch_add(chunk, Ordering::Relaxed);
            if start >= below {
                return passed;
            }
            passed += count(start..below.min(start + chunk));
        }
    };
    thread::scope(|scope| {
        let started: Vec<_> =
            (0..workers).map(|_| scope.spawn(worker)).collect();
        let counts = started.into_iter().map(|thread| thread.join());
        counts.map(|count| count.expect("counting does not panic")).sum()
    })
}
// ANCHOR_END: threads

// ANCHOR: at_least
/// rayon decides how to cut, and leaves no piece smaller than a chunk.
pub fn at_least(below: usize, chunk: usize) -> usize {
    (0..below)
        .into_par_iter()
        .with_min_len(chunk)
        .filter(|number| passes(*number))
        .count()
}
// ANCHOR_END: at_least

// ANCHOR: at_most
/// rayon is made to cut until no piece is larger than a chunk.
pub fn at_most(below: usize, chunk: usize) -> usize {
    (0..below)
        .into_par_iter()
        .with_max_len(chunk)
        .filter(|number| passes(*number))
        .count()
}
// ANCHOR_END: at_most

// ANCHOR: ranges
/// The chunks themselves are the items, and rayon hands them out. What is done
/// with one is the loop that `threads` does with it.
pub fn ranges(below: usize, chunk: usize) -> usize {
    (0..below.div_ceil(chunk))
        .into_par_iter()
        .map(|n| count(n * chunk..below.min((n + 1) * chunk)))
        .sum()
}
// ANCHOR_END: ranges

// ANCHOR: main
pub fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let chunk = match arguments.as_slice() {
        [] => Some(10_000),
        [option, text] if option == "--chunk" => text.parse().ok(),
        _ => None,
    };
    let Some(chunk) = chunk.filter(|chunk| (1..=BELOW).contains(chunk)) else {
        eprintln!("error: the one option is `--chunk N`, from 1 to {BELOW}");
        return ExitCode::from(2);
    };
    let workers = thread::available_parallelism().map_or(1, |n| n.get());
    println!("of {BELOW} numbers, in chunks of {chunk},");
    println!("{} pass", threads(BELOW, chunk, workers));
    println!("{} pass, with rayon", at_least(BELOW, chunk));
    ExitCode::SUCCESS
}
// ANCHOR_END: main

/// Of ten numbers that differ in their last digit, one passes: a tenth.
pub const BELOW: usize = 10_000_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_for_trials_passes_and_its_neighbors_do_not() {
        // Source: a test number that payment services publish for trials.
        let published = 378_282_246_310_005;
        assert!(passes(published));
        for digit in 1..5 {
            assert!(!passes(published + digit) && !passes(published - digit));
        }
    }

    #[test]
    fn one_number_in_ten_passes() {
        for below in [10, 100, 1_000, 10_000] {
            assert_eq!(count(0..below), below / 10);
        }
    }

    #[test]
    fn every_chunk_and_every_number_of_workers_counts_all_and_none_twice() {
        let expected = count(0..5_003);
        for chunk in [1, 7, 500, 5_002, 5_003, 9_999] {
            for workers in [1, 2, 5] {
                assert_eq!(threads(5_003, chunk, workers), expected);
            }
            assert_eq!(at_least(5_003, chunk), expected);
            assert_eq!(at_most(5_003, chunk), expected);
            assert_eq!(ranges(5_003, chunk), expected);
        }
    }
}
