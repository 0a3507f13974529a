//! One sum behind one lock, by more and more threads: ten times over, since in some runs a single one of them
//! is done before the threads are on different cores.

use lab::{Experiment, Kind};
use listings::stops_paying::twice_the_threads::{self as listing, BELOW};

const TITLE: &str =
    "Time to add three million squares to one sum, ten times over";
const TIMES: u64 = 10;

fn added(threads: usize) -> u64 {
    let sum = |_| listing::sum_of_squares(BELOW, threads);
    (0..TIMES).map(sum).fold(0, u64::wrapping_add)
}

fn main() -> lab::Exit {
    Experiment::new("twice_the_threads", TITLE)
        .demo(listing::main)
        .setting("squares", "3 000 000")
        .setting("times", "10")
        .threads_axis()
        .base("alone", |()| added(1))
        .label("one thread")
        .per("addition", (TIMES * BELOW) as f64)
        .arm_over("one_lock", |(), n| added(n))
        .kind(Kind::Threads)
        .per("addition", (TIMES * BELOW) as f64)
        .agree(u64::to_string)
        .run()
}
