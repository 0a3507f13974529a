// A program of which a stated share has to run alone. Threads share the rest.
//
// Checked by shuttle, which includes this file and runs every order of a few
// pieces.
//
// Runs on the Playground.

use std::thread;

use tracing::info_span;

// ANCHOR: program
/// Makes all pieces and adds them up: of a hundred, so many by one thread, and
/// the rest shared by `threads`.
pub fn program(job: Job, percent_alone: u64, threads: usize) -> u64 {
    let alone = job.pieces * percent_alone / 100;
    let sum = {
        let _alone = info_span!("alone").entered();
        job.sum(0..alone)
    };
    let shares = thread::scope(|scope| {
        let threads: Vec<_> = (alone..job.pieces)
            .take(threads)
            .map(|first| (first..job.pieces).step_by(threads))
            .map(|own| {
                scope.spawn(move || {
                    let _share = info_span!("share").entered();
                    job.sum(own)
                })
            })
            .collect();
        let sums = threads.into_iter().map(|t| t.join().expect(CALM));
        sums.fold(0, u64::wrapping_add)
    });
    sum.wrapping_add(shares)
}
// ANCHOR_END: program

/// The same without threads: the best that one core can do.
pub fn sequential(job: Job) -> u64 {
    job.sum(0..job.pieces)
}

const CALM: &str = "no piece panics";

// ANCHOR: job
#[derive(Clone, Copy)]
pub struct Job {
    pub pieces: u64,
    /// How long each piece takes.
    pub steps: u32,
}

impl Job {
    pub const MEASURED: Job = Job { pieces: 10_000, steps: 10_000 };

    /// A number that cannot be had without so many steps.
    fn piece(self, number: u64) -> u64 {
        (0..self.steps).fold(number, |piece, _| {
            (piece ^ (piece >> 29)).wrapping_mul(0x9E37_79B9_7F4A_7C15)
        })
    }

    fn sum(self, numbers: impl Iterator<Item = u64>) -> u64 {
        let pieces = numbers.map(|number| self.piece(number));
        pieces.fold(0, u64::wrapping_add)
    }
}
// ANCHOR_END: job

// ANCHOR: main
pub fn main() {
    let job = Job { pieces: 1_000, ..Job::MEASURED };
    println!("without threads: {:016x}", sequential(job));
    for percent_alone in [0, 5, 10, 25, 50] {
        let sum = program(job, percent_alone, 4);
        println!("{percent_alone:2} % alone, by 4: {sum:016x}");
    }
}
// ANCHOR_END: main

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_piece_is_made_once_whatever_runs_alone() {
        let job = Job { pieces: 203, steps: 7 };
        for percent_alone in [0, 1, 5, 50, 100] {
            for threads in [1, 2, 5, 300] {
                assert_eq!(
                    program(job, percent_alone, threads),
                    sequential(job),
                    "{percent_alone} % alone, {threads} threads"
                );
            }
        }
    }
}
