//! Numbers handed over one by one: a channel to a thread, and Python's queues to
//! a thread and to a process.

use std::process::Command;

use lab::{Experiment, Kind, python};
use listings::gil::queue_cost as listing;

const TITLE: &str = "Time to hand over numbers, one by one";
const SCRIPT: &str = "listings/gil/queue_cost.py";
const NUMBERS: u64 = 4_000_000;
const IN_PYTHON: u64 = 40_000;

fn main() -> lab::Exit {
    Experiment::new("queue_cost", TITLE)
        .demo(listing::main)
        .different_work()
        .setting("numbers", "4 000 000, in Python 40 000")
        .base("threads", |()| listing::sum_over_a_channel(NUMBERS))
        .kind(Kind::Threads)
        .per("number", NUMBERS as f64)
        .label("Rust's channel, to a thread")
        .foreign("python_threads", python(SCRIPT), to("thread"))
        .per("number", IN_PYTHON as f64)
        .label("queue.Queue, to a thread")
        .foreign("python_processes", python(SCRIPT), to("process"))
        .per("number", IN_PYTHON as f64)
        .label("multiprocessing.Queue, to a process")
        .run()
}

fn to(adder: &'static str) -> impl Fn(&mut Command, &()) {
    move |command, ()| {
        command.args([adder, &IN_PYTHON.to_string()]);
    }
}
