//! An average in one pass, and from pieces on several threads.

use lab::Experiment;
use listings::ideas::average::{self as listing, NUMBERS};

const TITLE: &str =
    "Time to average the steps that a million numbers take to 1";

fn main() -> lab::Exit {
    Experiment::new("average", TITLE)
        .demo(listing::main)
        .setting("numbers", format!("{NUMBERS:?}"))
        .threads_axis()
        .base("sequential", |()| listing::sequential(NUMBERS))
        .arm_over("threads", |(), n| listing::threads(NUMBERS, n as u64))
        .agree(f64::to_string)
        .run()
}
