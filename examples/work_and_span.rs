//! The same additions in a chain and in a tree, on more and more threads.

use lab::{Experiment, Kind};
use listings::limits::work_and_span::{self as listing, MEASURED, STEPS};

const TITLE: &str = "Time for eight thousand costly additions";

fn main() -> lab::Exit {
    Experiment::new("work_and_span", TITLE)
        .input(|_| Ok::<_, String>(listing::numbers(MEASURED)))
        .demo(listing::main)
        .setting("numbers", "8 192")
        .setting("steps for each addition", "12 000")
        .threads_axis()
        .per("addition", (MEASURED - 1) as f64)
        .base("sequential", |numbers| listing::sequential(numbers, STEPS))
        .label("no threads")
        .arm_over("chain", |numbers, n| listing::chain(numbers, STEPS, n))
        .kind(Kind::Threads)
        .arm_over("tree", |numbers, n| listing::tree(numbers, STEPS, n))
        .kind(Kind::Threads)
        .agree(|sum| sum.value.to_string())
        .run()
}
