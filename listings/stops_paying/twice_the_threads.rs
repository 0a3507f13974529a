// Threads that add to one sum behind one lock: the more of them, the longer it
// takes.
//
// Checked by shuttle, which includes this file and runs every order of a few
// additions.
//
// Runs on the Playground.

// ANCHOR: program
use std::sync::Mutex;
use std::thread;

/// Adds the squares of the numbers below `below`.
pub fn sum_of_squares(below: u64, threads: usize) -> u64 {
    let sum = Mutex::new(0_u64);
    thread::scope(|scope| {
        for first in 0..threads as u64 {
            let own = (first..below).step_by(threads);
            let sum = &sum;
            scope.spawn(move || {
                for number in own {
                    let square = number * number;
                    *sum.lock().expect("no square panics") += square;
                }
            });
        }
    });
    sum.into_inner().expect("no square panics")
}

pub fn main() {
    println!("one thread:  {}", sum_of_squares(1_000_000, 1));
    println!("two threads: {}", sum_of_squares(1_000_000, 2));
}
// ANCHOR_END: program

// ANCHOR: own
/// The same, with a sum of each thread's own: the lock is taken once.
pub fn own_sums(below: u64, threads: usize) -> u64 {
    let sum = Mutex::new(0_u64);
    thread::scope(|scope| {
        for first in 0..threads as u64 {
            let own = (first..below).step_by(threads);
            let sum = &sum;
            scope.spawn(move || {
                let own_sum = own.fold(0, |sum, n| sum + n * n);
                *sum.lock().expect("no square panics") += own_sum;
            });
        }
    });
    sum.into_inner().expect("no square panics")
}
// ANCHOR_END: own

/// The squares of the numbers below this are added; their sum fits.
pub const BELOW: u64 = 3_000_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_square_is_added_once() {
        for threads in [1, 2, 3, 8] {
            assert_eq!(sum_of_squares(1_000, threads), 332_833_500);
            assert_eq!(own_sums(1_000, threads), 332_833_500);
        }
    }
}
