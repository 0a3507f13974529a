//! One turn: a poll of a task of our executor, and a wake-up of a thread.

use lab::{Experiment, Kind};
use listings::futures::await_cost as listing;

const TASK_TURNS: u64 = 4_000_000;
const THREAD_TURNS: u64 = 40_000;

fn main() -> lab::Exit {
    Experiment::new("await_cost", "Turns between two who wake each other")
        .demo(listing::main)
        .setting("turns", "tasks: 4 000 000; threads: 40 000")
        .different_work()
        .base("tasks", |()| listing::tasks(TASK_TURNS))
        .kind(Kind::Tasks)
        .label("tasks on our executor")
        .per("turn", TASK_TURNS as f64)
        .arm("threads", |()| listing::threads(THREAD_TURNS))
        .kind(Kind::Threads)
        .label("threads that park")
        .per("turn", THREAD_TURNS as f64)
        .run()
}
