//! An average in one pass, and from pieces that are put together in any order.
//!
//! What is averaged: how many steps a number takes to 1, where a step halves an
//! even number, and makes three times as much and one of an odd one.
//!
//! Runs on the Playground.

use std::ops::Range;
use std::panic;
use std::thread::{self, ScopedJoinHandle};

// ANCHOR: steps
/// How many steps it takes from this number to 1. Each step needs the result of
/// the one before.
#[inline(never)] // one machine code for every form: they differ in nothing else
pub fn steps_to_one(mut number: u64) -> u64 {
    let mut steps = 0;
    while number != 1 {
        number = match number % 2 {
            0 => number / 2,
            _ => 3 * number + 1,
        };
        steps += 1;
    }
    steps
}
// ANCHOR_END: steps

// ANCHOR: sequential
/// One pass over all of them.
pub fn sequential(numbers: Range<u64>) -> f64 {
    let (mut sum, mut count) = (0, 0);
    for number in numbers {
        sum += steps_to_one(number);
        count += 1;
    }
    sum as f64 / count as f64
}
// ANCHOR_END: sequential

// ANCHOR: part
/// All that has to be known of some values in order to average them with
/// others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Part {
    pub sum: u64,
    pub count: u64,
}

impl Part {
    pub fn of(values: impl Iterator<Item = u64>) -> Part {
        values.fold(Part::default(), |part, value| Part {
            sum: part.sum + value,
            count: part.count + 1,
        })
    }

    /// Both together. Which of them comes first does not matter.
    pub fn and(self, other: Part) -> Part {
        Part { sum: self.sum + other.sum, count: self.count + other.count }
    }

    pub fn average(self) -> f64 {
        self.sum as f64 / self.count as f64
    }
}
// ANCHOR_END: part

// ANCHOR: threads
/// A piece of the numbers for each thread.
pub fn threads(numbers: Range<u64>, threads: u64) -> f64 {
    thread::scope(|scope| {
        let workers: Vec<_> = pieces(numbers, threads)
            .map(|piece| scope.spawn(|| Part::of(piece.map(steps_to_one))))
            .collect();
        let parts = workers.into_iter().map(result_of);
        parts.fold(Part::default(), Part::and).average()
    })
}
// ANCHOR_END: threads

/// The numbers in so many neighboring pieces, equally long but for one number.
pub fn pieces(
    numbers: Range<u64>,
    pieces: u64,
) -> impl Iterator<Item = Range<u64>> {
    let count = numbers.end - numbers.start;
    let cut = move |piece| numbers.start + count * piece / pieces;
    (0..pieces).map(move |piece| cut(piece)..cut(piece + 1))
}

/// Waits until a thread is done. Had it panicked, its panic goes on here.
fn result_of<T>(thread: ScopedJoinHandle<'_, T>) -> T {
    match thread.join() {
        Ok(result) => result,
        Err(panic) => panic::resume_unwind(panic),
    }
}

/// From a billion on, so that the numbers take about as many steps at the end
/// as at the start.
pub const NUMBERS: Range<u64> = 1_000_000_000..1_001_000_000;

// ANCHOR: main
pub fn main() {
    let (few, rest) = (NUMBERS.start..NUMBERS.start + 100, NUMBERS.start + 100);
    let few = Part::of(few.map(steps_to_one));
    let rest = Part::of((rest..NUMBERS.end).map(steps_to_one));
    println!("in one pass              {:.3}", sequential(NUMBERS));
    println!("by four threads          {:.3}", threads(NUMBERS, 4));
    println!("a hundred, then the rest {:.3}", few.and(rest).average());
    println!("the rest, then a hundred {:.3}", rest.and(few).average());
    let of_averages = (few.average() + rest.average()) / 2.0;
    println!("average of the averages  {of_averages:.3}  (wrong)");
}
// ANCHOR_END: main

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_counted_to_one() {
        // 6, 3, 10, 5, 16, 8, 4, 2, 1
        assert_eq!([1, 2, 3, 6, 27].map(steps_to_one), [0, 1, 7, 8, 111]);
    }

    #[test]
    fn every_number_of_threads_finds_the_same_average() {
        let expected = sequential(1..1_000);
        for n in 1..20 {
            assert_eq!(threads(1..1_000, n), expected);
        }
    }

    #[test]
    fn pieces_are_the_whole_and_differ_by_one_number_at_most() {
        for n in 1..20 {
            let all: Vec<Range<u64>> = pieces(5..105, n).collect();
            assert_eq!(all.len() as u64, n);
            assert!(all.iter().cloned().flatten().eq(5..105));
            let counts = all.iter().map(|piece| piece.end - piece.start);
            let (least, most) = (counts.clone().min(), counts.max());
            assert!(most.unwrap() - least.unwrap() <= 1);
        }
    }
}
