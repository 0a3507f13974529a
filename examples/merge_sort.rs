//! Four million numbers: sorted by the standard library, by halves on several
//! threads, and by rayon's own sort.

use std::sync::Mutex;

use lab::{Experiment, Kind};
use listings::data_parallelism::merge_sort::{self as listing, numbers};
use rayon::ThreadPoolBuilder;
use rayon::slice::ParallelSliceMut;

const TITLE: &str = "Time to sort four million numbers";
const CUTOFF: usize = 250_000;

fn main() -> lab::Exit {
    Experiment::new("merge_sort", TITLE)
        .demo(listing::main)
        .setting("numbers", "4 000 000")
        .setting("cutoff", "250 000")
        .input(|_| Ok::<_, String>(Mutex::new(numbers(4_000_000, 11))))
        .threads_axis()
        .base("sequential", |numbers| sorted(numbers, 0, |n| n.sort()))
        .label("sort")
        .arm_over("merge_sort", |numbers, threads| {
            sorted(numbers, threads, |n| listing::merge_sort(n, CUTOFF))
        })
        .kind(Kind::Rayon)
        .arm_over("par_sort", |numbers, threads| {
            sorted(numbers, threads, |n| n.par_sort())
        })
        .kind(Kind::Rayon)
        .agree(String::clone)
        .run()
}

/// Sorts in place, in a pool of this many threads or in the thread that calls.
fn sorted(
    numbers: &Mutex<Vec<u64>>,
    threads: usize,
    sort: impl Fn(&mut [u64]) + Sync,
) -> String {
    let mut numbers = numbers.lock().expect("one arm alone uses the numbers");
    let numbers = numbers.as_mut_slice();
    match threads {
        0 => sort(numbers),
        _ => ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .expect("this system starts a few threads")
            .install(|| sort(numbers)),
    }
    format!("sorted {}", numbers.is_sorted())
}
