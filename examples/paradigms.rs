//! Thirty-two pieces that compute, wait, or do both, in every way of this book.

use std::process::Command;

use lab::{Experiment, Kind, python};
use listings::choosing::paradigms::{self as listing, Computed, Work};

const TITLE: &str =
    "Time for thirty-two pieces of 8 ms, by how much of a piece waits";
const SCRIPT: &str = "listings/choosing/paradigms.py";

fn main() -> lab::Exit {
    Experiment::new("paradigms", TITLE)
        .demo(listing::main)
        .role("paradigms-worker", listing::worker)
        .setting("pieces", listing::PIECES)
        .setting("workers of a pool", listing::WORKERS)
        .axis("percent waiting", [0, 50, 100], false)
        .base("sequential", |()| {
            answer(&listing::sequential(Work { waiting: 50 }))
        })
        .label("the loop, half of it waiting")
        .arm_over("in_turn", way(listing::sequential))
        .kind(Kind::Sequential)
        .label("the loop")
        .arm_over("threads", way(listing::threads))
        .label("a thread each")
        .arm_over("pool", way(listing::pool))
        .kind(Kind::Threads)
        .label("8 threads")
        .arm_over("rayon", way(listing::rayon))
        .arm_over("tasks", way(listing::tasks))
        .label("tasks, one thread")
        .arm_over("tasks_on_threads", way(listing::tasks_on_threads))
        .label("tasks, all threads")
        .arm_over("tasks_and_rayon", way(listing::tasks_and_rayon))
        .label("tasks and rayon")
        .arm_over(
            "processes",
            way(|work| {
                let computed = listing::processes(work);
                computed.unwrap_or_else(|error| panic!("{error}"))
            }),
        )
        .label("8 processes")
        .foreign_over("python_threads", python(SCRIPT), in_python("threads"))
        .label("Python threads")
        .foreign_over(
            "python_processes",
            python(SCRIPT),
            in_python("processes"),
        )
        .label("Python processes")
        .foreign_over("python_asyncio", python(SCRIPT), in_python("asyncio"))
        .label("Python asyncio")
        .agree(String::clone)
        .run()
}

fn way(run: fn(Work) -> Computed) -> impl Fn(&(), usize) -> String {
    move |(), waiting| answer(&run(Work { waiting: waiting as u32 }))
}

/// The results differ from point to point; that each way has those of the loop
/// is the listing's own test.
fn answer(computed: &Computed) -> String {
    format!("{} pieces", computed.len())
}

fn in_python(way: &'static str) -> impl Fn(&mut Command, &(), usize) {
    move |command, (), waiting| {
        command.args([way, &waiting.to_string()]);
    }
}
