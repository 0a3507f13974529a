//! Three cooks on our executor, with its timer; one after the other, and in
//! threads.

use lab::{Experiment, Kind};
use listings::futures::timer as listing;

const TITLE: &str = "Three cooks, each of whom waits three times";

fn main() -> lab::Exit {
    Experiment::new("timer", TITLE)
        .demo(listing::main)
        .setting("waits", "3 × 20 ms, 3 × 30 ms, 3 × 40 ms")
        .base("sequential", |()| listing::one_after_the_other())
        .label("one after the other")
        .arm("tasks", |()| listing::tasks())
        .kind(Kind::Tasks)
        .label("tasks on our executor")
        .arm("threads", |()| listing::threads())
        .kind(Kind::Threads)
        .label("a thread each")
        .timeline("tasks", None)
        .agree(|cooks| cooks.to_string())
        .run()
}
