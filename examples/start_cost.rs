//! Fifty threads, tasks and processes that do nothing: the price of starting.

use std::io;

use lab::{Experiment, Kind, python};
use listings::programs::start_cost as listing;

const TITLE: &str = "Time to start fifty, each when the one before has ended";
const SCRIPT: &str = "listings/programs/start_cost.py";
const COUNT: usize = 50;

fn main() -> lab::Exit {
    Experiment::new("start_cost", TITLE)
        .demo(listing::main)
        .role("nothing", listing::nothing)
        .setting("started, one after the other", COUNT)
        .input(listing::runtime)
        .base("threads", |_| answer(listing::threads(COUNT)))
        .arm("tasks", |runtime| answer(listing::tasks(runtime, COUNT)))
        .arm("processes", |_| answer(listing::processes(COUNT)))
        .foreign("python_processes", python(SCRIPT), |command, _| {
            command.arg(COUNT.to_string());
        })
        .kind(Kind::Python)
        .label("Python, from Python")
        .agree(String::clone)
        .run()
}

/// What all arms must agree on; an arm that failed ends here, with its reason.
fn answer(started: io::Result<usize>) -> String {
    match started {
        Ok(count) => count.to_string(),
        Err(error) => panic!("{error}"),
    }
}
