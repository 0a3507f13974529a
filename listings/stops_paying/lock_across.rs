// A lock that is held while rayon works: the thread that has it steals another
// piece, which wants the lock.
//
// Tested on real threads: rayon's are not modeled by shuttle or loom.
//
// Runs locally only: it never ends.

use std::sync::{Barrier, Mutex};

use rayon::prelude::*;

// ANCHOR: across
/// The sum of each row, in a report that the rows share. Every row is summed in
/// parallel, while its thread has the lock.
pub fn report(rows: &[Vec<u64>]) -> Vec<u64> {
    let report = Mutex::new(Vec::new());
    rows.par_iter().for_each(|row| {
        let mut lines = report.lock().expect(CALM);
        lines.push(row.par_iter().sum());
    });
    report.into_inner().expect(CALM)
}
// ANCHOR_END: across

// ANCHOR: before
/// The same without the lock in hand while rayon works.
pub fn report_after(rows: &[Vec<u64>]) -> Vec<u64> {
    let report = Mutex::new(Vec::new());
    rows.par_iter().for_each(|row| {
        let sum = row.par_iter().sum(); // no lock in hand
        report.lock().expect(CALM).push(sum);
    });
    report.into_inner().expect(CALM)
}
// ANCHOR_END: before

// ANCHOR: main
/// Makes sure of the worst moment, in a pool of two threads: the one that has the
/// lock is done with its half, and the other one still works on the other half.
pub fn main() {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(2);
    let pool = pool.build().expect("the system has two threads left");
    let lock = Mutex::new(());
    let (halves_run, row_2_runs) = (Barrier::new(3), Barrier::new(2));
    pool.in_place_scope(|scope| {
        scope.spawn(|_| {
            let _lines = lock.lock().expect(CALM);
            println!("row 1 has the lock, and is split");
            let second_half = || {
                halves_run.wait();
                row_2_runs.wait();
            };
            rayon::join(|| halves_run.wait(), second_half);
            println!("row 1 is done");
        });
        halves_run.wait();
        scope.spawn(|_| {
            println!("row 2 begins, on the thread that has the lock");
            row_2_runs.wait();
            let _lines = lock.lock().expect(CALM);
        });
    });
    println!("both rows are done");
}
// ANCHOR_END: main

const CALM: &str = "no row panics";

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc::{self, RecvTimeoutError};
    use std::thread;
    use std::time::Duration;

    #[test]
    fn a_thread_that_steals_with_a_lock_in_hand_waits_for_itself() {
        let (done, end) = mpsc::channel();
        // It is left behind, stuck, until the tests are over.
        thread::spawn(move || {
            main();
            done.send(())
        });
        let end = end.recv_timeout(Duration::from_secs(2));
        assert_eq!(end, Err(RecvTimeoutError::Timeout));
    }

    #[test]
    fn without_the_lock_in_hand_every_row_is_in_the_report() {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(4);
        let pool = pool.build().unwrap();
        let rows: Vec<Vec<u64>> = (1..200).map(|n| vec![1; n]).collect();
        for _ in 0..50 {
            let mut sums = pool.install(|| report_after(&rows));
            sums.sort_unstable();
            assert!(sums.into_iter().eq(1..200));
        }
    }

    #[test]
    fn rows_that_are_too_short_to_split_get_through() {
        assert_eq!(report(&[vec![7]]), [7]);
    }
}
