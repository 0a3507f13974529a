//! All eigenvalues of random integer matrices: a few large pieces, each of them
//! a call into a library.
//!
//! Runs locally only: the Rust Playground does not have the crate `faer`.

use std::env;
use std::panic;
use std::process::ExitCode;
use std::thread::{self, ScopedJoinHandle};

use faer::linalg::evd::EvdError;
use faer::{Mat, c64};
use rayon::prelude::*;
use tracing::info_span;

// ANCHOR: types
/// The work: of each matrix, every eigenvalue.
pub struct Matrices {
    /// Rows of each matrix, and columns.
    pub size: usize,
    pub matrices: Vec<Mat<f64>>,
}

/// Of each matrix, the absolute value of the largest eigenvalue.
pub type Largest = Result<Vec<f64>, EvdError>;
// ANCHOR_END: types

// ANCHOR: spectrum
/// The whole spectrum of a matrix that need not be symmetric: as many complex
/// numbers as it has rows, in no order.
pub fn spectrum(matrix: &Mat<f64>) -> Result<Vec<c64>, EvdError> {
    let _computing = info_span!("spectrum", rows = matrix.nrows()).entered();
    matrix.eigenvalues()
}

pub fn largest(matrix: &Mat<f64>) -> Result<f64, EvdError> {
    let sizes = spectrum(matrix)?.into_iter().map(|value| value.norm());
    Ok(sizes.fold(0.0, f64::max))
}
// ANCHOR_END: spectrum

// ANCHOR: sequential
/// One matrix after the other, up to the first that has no answer.
pub fn sequential(work: &Matrices) -> Largest {
    work.matrices.iter().map(largest).collect()
}
// ANCHOR_END: sequential

// ANCHOR: threads
/// A run of matrices for each thread.
pub fn threads(work: &Matrices, threads: usize) -> Largest {
    let run = work.matrices.len().div_ceil(threads.max(1)).max(1);
    thread::scope(|scope| {
        let workers: Vec<_> = work
            .matrices
            .chunks(run)
            .map(|run| scope.spawn(|| run.iter().map(largest).collect()))
            .collect();
        let runs: Result<Vec<Vec<f64>>, EvdError> =
            workers.into_iter().map(result_of).collect();
        Ok(runs?.into_iter().flatten().collect())
    })
}

/// Waits until a thread is done. Had it panicked, its panic goes on here.
fn result_of<T>(thread: ScopedJoinHandle<'_, T>) -> T {
    match thread.join() {
        Ok(result) => result,
        Err(panic) => panic::resume_unwind(panic),
    }
}
// ANCHOR_END: threads

// ANCHOR: rayon
/// The loop, with `par_iter`. The answers come in the order of the matrices;
/// with an error among them, the whole is an error.
pub fn rayon(work: &Matrices, threads: usize) -> Largest {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
    let pool = pool.expect("this system starts a few threads");
    pool.install(|| work.matrices.par_iter().map(largest).collect())
}
// ANCHOR_END: rayon

// ANCHOR: entry
/// The entry at this place of the row of all entries, from -9 to 9: SplitMix64,
/// so that every language makes the same matrices.
/// Source: Steele, Lea and Flood, "Fast Splittable Pseudorandom Number
/// Generators", OOPSLA 2014.
pub fn entry(place: u64) -> f64 {
    let mut z = place.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^= z >> 31;
    (z % 19) as f64 - 9.0
}
// ANCHOR_END: entry

impl Matrices {
    pub fn new(size: usize, count: usize) -> Matrices {
        let matrix = |number: usize| {
            Mat::from_fn(size, size, |row, column| {
                entry(((number * size + row) * size + column) as u64)
            })
        };
        Matrices { size, matrices: (0..count).map(matrix).collect() }
    }

    /// What the command line asks for.
    ///
    /// # Errors
    /// Says what it does not understand.
    pub fn open(arguments: &[String]) -> Result<Matrices, String> {
        let (mut size, mut count) = (SIZE, COUNT);
        for pair in arguments.chunks(2) {
            let place = match pair[0].as_str() {
                "--size" => &mut size,
                "--count" => &mut count,
                other => return Err(format!("there is no option `{other}`")),
            };
            let number = pair.get(1).and_then(|text| text.parse().ok());
            *place = number.filter(|number| *number > 0).ok_or_else(|| {
                format!("`{}` needs a number after it, from 1", pair[0])
            })?;
        }
        Ok(Matrices::new(size, count))
    }
}

/// Sized so that one core needs about a sixth of a second.
const SIZE: usize = 128;
const COUNT: usize = 36;

/// What the program understands, each option with what holds without it.
const USAGE: &str = "\
options:
  --size N   rows of each matrix, and columns (128)
  --count N  how many matrices (36)
";

/// The answers as text, to as many digits as two libraries agree on.
pub fn lines(largest: &[f64]) -> String {
    largest.iter().map(|size| format!("{size:.6}\n")).collect()
}

// ANCHOR: main
pub fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let work = match Matrices::open(&arguments) {
        Ok(work) => work,
        Err(error) => {
            eprint!("error: {error}\n\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    let cores = thread::available_parallelism().map_or(1, |n| n.get());
    match rayon(&work, cores) {
        Ok(largest) => {
            let (size, count) = (work.size, largest.len());
            println!("{count} matrices of {size} × {size}");
            for (number, size) in largest.iter().enumerate().take(4) {
                println!("{number}: the largest eigenvalue is {size:.6}");
            }
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("error: computing a spectrum: {error:?}");
            ExitCode::FAILURE
        }
    }
}
// ANCHOR_END: main

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_spectrum_of_a_known_matrix_is_known() {
        // Turning by a right angle, and twice as long: 2i and -2i.
        let turn = Mat::from_fn(2, 2, |row, column| {
            [[0.0, -2.0], [2.0, 0.0]][row][column]
        });
        let mut found = spectrum(&turn).unwrap();
        found.sort_by(|a, b| a.im.total_cmp(&b.im));
        for (found, known) in found.iter().zip([-2.0, 2.0]) {
            assert!((found - c64::new(0.0, known)).norm() < 1e-12, "{found}");
        }
        assert!((largest(&turn).unwrap() - 2.0).abs() < 1e-12);
    }

    #[test]
    fn the_eigenvalues_add_up_to_the_trace() {
        let matrix = &Matrices::new(40, 1).matrices[0];
        let trace: f64 = (0..40).map(|i| matrix[(i, i)]).sum();
        let sum: c64 = spectrum(matrix).unwrap().into_iter().sum();
        assert!((sum - c64::new(trace, 0.0)).norm() < 1e-9, "{sum} {trace}");
    }

    #[test]
    fn every_number_of_threads_gives_the_same_answers_in_order() {
        let work = Matrices::new(12, 7);
        let expected = sequential(&work).unwrap();
        assert_eq!(expected.len(), 7);
        for n in [1, 2, 3, 5, 7, 11] {
            assert_eq!(threads(&work, n).unwrap(), expected);
            assert_eq!(rayon(&work, n).unwrap(), expected);
        }
    }

    #[test]
    fn entries_are_small_integers_of_every_size() {
        let mut seen: Vec<i64> = (0..10_000).map(|p| entry(p) as i64).collect();
        seen.sort_unstable();
        seen.dedup();
        assert_eq!(seen, (-9..=9).collect::<Vec<_>>());
    }

    #[test]
    fn an_option_that_cannot_be_understood_is_named() {
        for wrong in [&["--sise", "3"][..], &["--size"], &["--size", "0"]] {
            let wrong: Vec<String> =
                wrong.iter().map(|w| w.to_string()).collect();
            let error = Matrices::open(&wrong).err().expect("is refused");
            assert!(error.contains(&wrong[0]), "{error}");
        }
        let right = ["--count", "2", "--size", "3"].map(String::from);
        let work = Matrices::open(&right).unwrap();
        assert_eq!((work.size, work.matrices.len()), (3, 2));
    }
}
