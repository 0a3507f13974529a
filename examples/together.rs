//! Several questions at once: both answers, the first, in time, as they come.

use lab::{Experiment, Kind};
use listings::tasks::together as listing;

const TITLE: &str = "Time to ask three stations";

fn main() -> lab::Exit {
    Experiment::new("together", TITLE)
        .demo(listing::main)
        .setting("ways there and back", "60 ms, 20 ms and 40 ms")
        .base("sequential", |()| listing::sequential())
        .label("one after the other")
        .arm("tasks", |()| listing::tasks())
        .kind(Kind::Tasks)
        .label("three tasks")
        .timeline("tasks", None)
        .agree(i32::to_string)
        .run()
}
