//! # Count the shades of gray
//!
//! 20 minutes
//!
//! A *histogram* of a gray picture says how many pixels there are of each of the
//! 256 shades. The picture comes in rows. `count_row` counts one row, and takes
//! its time over it: write `histogram`, which has the rows counted in rayon's
//! threads and puts the counts together. Nothing is shared while it counts: a
//! lock or an atomic around the 256 numbers would make all threads wait for
//! each other.
//!
//! The tests look at the counts, at the number of calls, and at whether two
//! threads count two rows at the same time. They do not see a lock; you do.
//!
//! Hint: `map` makes a histogram of each row, and `reduce` puts two histograms
//! together until one is left. `reduce` asks for the histogram of no row at all.

use rayon::prelude::*;

/// How many pixels there are of each shade, from black to white.
pub type Histogram = [u64; 256];

pub mod starter {
    use super::*;

    /// How many pixels there are of each shade in all rows together.
    ///
    /// `count_row` is called once for each row, in rayon's threads.
    #[allow(unused_variables)]
    pub fn histogram(
        rows: &[Vec<u8>],
        count_row: impl Fn(&[u8]) -> Histogram + Sync,
    ) -> Histogram {
        let histograms = rows.par_iter().map(|row| count_row(row));
        todo!("put the histograms of the rows together")
    }
}

pub mod solution {
    use super::*;

    /// How many pixels there are of each shade in all rows together.
    ///
    /// `count_row` is called once for each row, in rayon's threads.
    pub fn histogram(
        rows: &[Vec<u8>],
        count_row: impl Fn(&[u8]) -> Histogram + Sync,
    ) -> Histogram {
        // Each histogram belongs to one thread until it is given away, so there
        // is nothing to lock. Adding integers is associative: the split shows
        // nowhere.
        rows.par_iter().map(|row| count_row(row)).reduce(|| [0; 256], together)
    }

    fn together(mut one: Histogram, other: Histogram) -> Histogram {
        for (count, more) in one.iter_mut().zip(other) {
            *count += more;
        }
        one
    }
}

/// You put the histograms together with `reduce_with`, which needs no histogram
/// of no row, and unwrap what it returns. For a picture without rows that is
/// `None`, and the program ends with a panic instead of 256 zeros.
///
/// Caught by `a_picture_without_rows_has_no_pixels`.
pub mod wrong_unwraps_reduce_with {
    use super::*;

    pub fn histogram(
        rows: &[Vec<u8>],
        count_row: impl Fn(&[u8]) -> Histogram + Sync,
    ) -> Histogram {
        let histograms = rows.par_iter().map(|row| count_row(row));
        histograms.reduce_with(together).expect("there is a row")
    }

    fn together(mut one: Histogram, other: Histogram) -> Histogram {
        for (count, more) in one.iter_mut().zip(other) {
            *count += more;
        }
        one
    }
}

/// You let `reduce` begin with the histogram of the first row, as a loop would.
/// `reduce` begins anew in each part of the picture that a thread takes, so the
/// first row is counted once more for each part.
///
/// Caught by `every_pixel_is_counted_once`.
pub mod wrong_begins_with_the_first_row {
    use super::*;

    pub fn histogram(
        rows: &[Vec<u8>],
        count_row: impl Fn(&[u8]) -> Histogram + Sync,
    ) -> Histogram {
        let first = || rows.first().map_or([0; 256], |row| count_row(row));
        rows.par_iter().map(|row| count_row(row)).reduce(first, together)
    }

    fn together(mut one: Histogram, other: Histogram) -> Histogram {
        for (count, more) in one.iter_mut().zip(other) {
            *count += more;
        }
        one
    }
}

/// You add each row to one histogram behind a lock, and take the lock before
/// you count the row. So one thread counts and all the others wait, and the
/// picture takes as long as with one thread.
///
/// Caught by `two_threads_count_two_rows_at_the_same_time`.
pub mod wrong_counts_with_the_lock_in_hand {
    use super::*;
    use std::sync::Mutex;

    pub fn histogram(
        rows: &[Vec<u8>],
        count_row: impl Fn(&[u8]) -> Histogram + Sync,
    ) -> Histogram {
        let all = Mutex::new([0; 256]);
        rows.par_iter().for_each(|row| {
            let mut all = all.lock().expect("counting does not panic");
            for (count, more) in all.iter_mut().zip(count_row(row)) {
                *count += more;
            }
        });
        all.into_inner().expect("counting does not panic")
    }
}

/// You take the rows in groups of four with `par_chunks_exact`, so that there
/// are fewer histograms to put together. It hands out whole groups only: up to
/// three rows at the end of the picture are counted by no thread.
///
/// Caught by `every_pixel_is_counted_once`.
pub mod wrong_leaves_out_the_rest {
    use super::*;

    pub fn histogram(
        rows: &[Vec<u8>],
        count_row: impl Fn(&[u8]) -> Histogram + Sync,
    ) -> Histogram {
        let count_rows = |rows: &[Vec<u8>]| {
            let histograms = rows.iter().map(|row| count_row(row));
            histograms.fold([0; 256], together)
        };
        let groups = rows.par_chunks_exact(4);
        groups.map(count_rows).reduce(|| [0; 256], together)
    }

    fn together(mut one: Histogram, other: Histogram) -> Histogram {
        for (count, more) in one.iter_mut().zip(other) {
            *count += more;
        }
        one
    }
}

#[cfg(test)]
mod tests {
    use super::solution::*;
    use super::*;

    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::sync::{Condvar, Mutex};
    use std::time::Duration;

    fn count_row(row: &[u8]) -> Histogram {
        let mut counts = [0; 256];
        for pixel in row {
            counts[usize::from(*pixel)] += 1;
        }
        counts
    }

    fn picture(rows: usize) -> Vec<Vec<u8>> {
        let row = |y: usize| (0..100).map(|x| (x * y % 251) as u8).collect();
        (0..rows).map(row).collect()
    }

    #[test]
    fn every_pixel_is_counted_once() {
        for rows in [1, 2, 7, 480] {
            let pixels = 100 * rows;
            let rows = picture(rows);
            let found = histogram(&rows, count_row);
            let counted: u64 = found.iter().sum();
            assert!(
                counted == pixels as u64,
                "the picture has {pixels} pixels, and {counted} were counted"
            );
            let right = found == count_row(&rows.concat());
            assert!(right, "pixels were counted as other shades than theirs");
        }
    }

    #[test]
    fn a_picture_without_rows_has_no_pixels() {
        assert_eq!(histogram(&[], count_row), [0; 256]);
    }

    #[test]
    fn each_row_is_counted_by_one_call() {
        let calls = AtomicUsize::new(0);
        histogram(&picture(60), |row| {
            calls.fetch_add(1, Ordering::Relaxed);
            count_row(row)
        });
        let calls = calls.into_inner();
        assert_eq!(calls, 60, "60 rows were counted by {calls} calls");
    }

    #[test]
    fn two_threads_count_two_rows_at_the_same_time() {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(2).build();
        // A thread that counts waits here until a second one counts, too.
        let (counting, arrived) = (Mutex::new(0), Condvar::new());
        let met = |row: &[u8]| {
            let mut counting = counting.lock().unwrap();
            *counting += 1;
            arrived.notify_all();
            let alone = |counting: &mut usize| *counting < 2;
            let limit = Duration::from_secs(5);
            let (_together, waited) =
                arrived.wait_timeout_while(counting, limit, alone).unwrap();
            assert!(!waited.timed_out(), "one row is counted at a time");
            count_row(row)
        };
        pool.unwrap().install(|| histogram(&picture(2), met));
    }
}
