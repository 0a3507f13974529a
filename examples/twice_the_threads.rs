//! One sum behind one lock, by more and more threads.

use lab::{Experiment, Kind};
use listings::stops_paying::twice_the_threads::{self as listing, BELOW};

const TITLE: &str = "Time to add three million squares to one sum";

fn main() -> lab::Exit {
    Experiment::new("twice_the_threads", TITLE)
        .demo(listing::main)
        .setting("squares", "3 000 000")
        .threads_axis()
        .base("alone", |()| listing::sum_of_squares(BELOW, 1))
        .label("one thread")
        .per("addition", BELOW as f64)
        .arm_over("one_lock", |(), n| listing::sum_of_squares(BELOW, n))
        .kind(Kind::Threads)
        .per("addition", BELOW as f64)
        .agree(u64::to_string)
        .run()
}
