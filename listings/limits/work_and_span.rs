// The same additions in a chain and in a tree. Each number carries how many
// additions had to come before it, one after the other.
//
// Checked by shuttle, which includes this file and runs every order of a few
// additions.
//
// Runs on the Playground.

use std::sync::mpsc;
use std::thread;

// ANCHOR: number
/// A number, and the longest chain of additions that led to it.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Number {
    pub value: u64,
    pub span: u32,
}

impl Number {
    /// Stands for an addition that takes long: its answer is not known before
    /// so many steps are done.
    pub fn add(self, other: Number, steps: u32) -> Number {
        let waste = (0..steps).fold(self.value ^ other.value, |n, _| {
            (n ^ (n >> 29)).wrapping_mul(0x9E37_79B9_7F4A_7C15)
        });
        std::hint::black_box(waste);
        Number {
            value: self.value.wrapping_add(other.value),
            span: 1 + self.span.max(other.span),
        }
    }
}
// ANCHOR_END: number

// ANCHOR: chain
/// Each addition needs the sum of all numbers before it. Here each thread has a
/// stretch of the numbers, and waits for the sum of the stretches before.
pub fn chain(numbers: &[Number], steps: u32, threads: usize) -> Number {
    let add = |sum: Number, next: &Number| sum.add(*next, steps);
    let (first, rest) = numbers.split_first().expect("something to add");
    let stretches = rest.chunks(rest.len().div_ceil(threads).max(1));
    thread::scope(|scope| {
        let (start, mut before) = mpsc::channel();
        start.send(*first).expect(LISTENING);
        for stretch in stretches {
            let (done, after) = mpsc::channel();
            scope.spawn(move || {
                let sum = before.recv().expect(LISTENING);
                done.send(stretch.iter().fold(sum, add)).expect(LISTENING);
            });
            before = after;
        }
        before.recv().expect(LISTENING)
    })
}
// ANCHOR_END: chain

// ANCHOR: tree
/// The halves do not need each other, nor do their halves.
fn halves(numbers: &[Number], steps: u32) -> Number {
    if let [only] = numbers {
        return *only;
    }
    let (left, right) = numbers.split_at(numbers.len() / 2);
    halves(left, steps).add(halves(right, steps), steps)
}

/// Each thread adds up a stretch by halves. Their sums are added up by halves
/// as well.
pub fn tree(numbers: &[Number], steps: u32, threads: usize) -> Number {
    let stretches = numbers.chunks(numbers.len().div_ceil(threads));
    let sums: Vec<Number> = thread::scope(|scope| {
        let threads: Vec<_> = stretches
            .map(|own| scope.spawn(move || halves(own, steps)))
            .collect();
        threads.into_iter().map(|t| t.join().expect(CALM)).collect()
    });
    halves(&sums, steps)
}
// ANCHOR_END: tree

/// Without threads: one addition after the other.
pub fn sequential(numbers: &[Number], steps: u32) -> Number {
    let (first, rest) = numbers.split_first().expect("something to add");
    rest.iter().fold(*first, |sum, next| sum.add(*next, steps))
}

const LISTENING: &str = "the next stretch listens, and the last one is awaited";
const CALM: &str = "no addition panics";

/// The numbers from 1 to `count`.
pub fn numbers(count: u64) -> Vec<Number> {
    (1..=count).map(|value| Number { value, span: 0 }).collect()
}

pub const MEASURED: u64 = 8_192;
/// A little more than ten microseconds for an addition.
pub const STEPS: u32 = 12_000;

// ANCHOR: main
pub fn main() {
    for count in [8, 1_024] {
        let numbers = numbers(count);
        for (name, sum) in
            [("chain", chain(&numbers, 1, 4)), ("tree", tree(&numbers, 1, 4))]
        {
            let Number { value, span } = sum;
            let work = count - 1;
            println!(
                "{name:>5} of {count:4}: {value:6}, {work} additions, span {span}"
            );
        }
    }
}
// ANCHOR_END: main

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chain_and_tree_add_up_to_the_same_and_have_their_spans() {
        for count in [1, 2, 3, 7, 64, 100] {
            let numbers = numbers(count);
            let sum = count * (count + 1) / 2;
            for threads in [1, 2, 3, 5, 200] {
                let chain = chain(&numbers, 1, threads);
                let tree = tree(&numbers, 1, threads);
                assert_eq!((chain.value, tree.value), (sum, sum));
                assert_eq!(u64::from(chain.span), count - 1);
                // Where the stretches are not equal, one addition more.
                let least = count.next_power_of_two().ilog2();
                assert!((least..=least + 1).contains(&tree.span), "{tree:?}");
                assert_eq!(chain, sequential(&numbers, 1));
            }
        }
    }
}
