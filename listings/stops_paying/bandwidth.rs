// The same number of bytes read again and again from buffers of every size: from
// the smallest cache, from the larger ones, and from memory.
//
// Checked by shuttle, which includes this file and runs every order of a small
// team.
//
// Runs on the Playground.

use std::hint::black_box;
use std::sync::{Arc, Barrier};
use std::thread::{self, JoinHandle};

/// So many bytes are read in all, whatever the size of a buffer.
pub const BYTES: usize = 8_192_000_000;

// ANCHOR: sum
/// The sum of all numbers. Sixteen sums run side by side, so that an addition
/// does not have to wait for the one before it.
fn sum(numbers: &[u64]) -> u64 {
    let (rows, rest) = numbers.as_chunks::<16>();
    let mut sums = [0_u64; 16];
    for row in rows {
        for (sum, number) in sums.iter_mut().zip(row) {
            *sum = sum.wrapping_add(*number);
        }
    }
    let all = sums.iter().chain(rest);
    all.fold(0, |all, number| all.wrapping_add(*number))
}

/// Reads so many numbers, from first to last and from the first again.
fn read(numbers: &[u64], wanted: usize) -> u64 {
    let (passes, rest) = (wanted / numbers.len(), wanted % numbers.len());
    let whole = (0..passes).map(|_| sum(black_box(numbers)));
    whole.chain([sum(&numbers[..rest])]).sum()
}
// ANCHOR_END: sum

// ANCHOR: team
/// Threads that each have a buffer of their own, and wait for the sign.
pub struct Team {
    sign: Arc<Barrier>,
    threads: Vec<JoinHandle<u64>>,
}

impl Team {
    /// Each thread fills its buffer itself. In all they will read `bytes`.
    pub fn ready(bytes: usize, size: usize, threads: usize) -> Team {
        let sign = Arc::new(Barrier::new(threads + 1));
        let filled = Arc::new(Barrier::new(threads + 1));
        let wanted =
            |n| bytes / 8 * (n + 1) / threads - bytes / 8 * n / threads;
        let reader = |wanted| {
            let (sign, filled) = (Arc::clone(&sign), Arc::clone(&filled));
            thread::spawn(move || {
                let numbers = vec![1; size / 8];
                filled.wait();
                sign.wait();
                read(&numbers, wanted)
            })
        };
        let threads = (0..threads).map(wanted).map(reader).collect();
        filled.wait();
        Team { sign, threads }
    }

    /// Gives the sign. Returns how many bytes were read: each number is a one.
    pub fn go(self) -> u64 {
        self.sign.wait();
        let sums = self.threads.into_iter().map(|thread| thread.join());
        8 * sums.map(|sum| sum.expect("a sum does not panic")).sum::<u64>()
    }
}
// ANCHOR_END: team

// ANCHOR: main
pub fn main() {
    for size in [16_000, 1_000_000, 64_000_000] {
        let read = Team::ready(BYTES / 20, size, 2).go();
        println!("{read} bytes, from two buffers of {size}");
    }
}
// ANCHOR_END: main

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sum_takes_every_number_once() {
        let numbers: Vec<u64> = (0..1_003).collect();
        assert_eq!(sum(&numbers), 1_002 * 1_003 / 2);
    }

    #[test]
    fn as_many_bytes_are_read_whatever_the_size_and_the_threads() {
        for size in [64, 4_000, 1 << 20] {
            for threads in [1, 2, 3, 7] {
                let read = Team::ready(4_096_000, size, threads).go();
                assert_eq!(read, 4_096_000, "{threads} threads, {size} bytes");
            }
        }
    }
}
