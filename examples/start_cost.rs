//! Two hundred threads, tasks and processes that do nothing: the price of starting.

use std::io;

use lab::{Experiment, Kind, python};
use listings::programs::start_cost as listing;

const TITLE: &str = "Time to start 200, each when the one before has ended";
const SCRIPT: &str = "listings/programs/start_cost.py";
const COUNT: usize = 200;

fn main() -> lab::Exit {
    Experiment::new("start_cost", TITLE)
        .demo(listing::main)
        .role("nothing", listing::nothing)
        .setting("started, one after the other", COUNT)
        .input(listing::runtime)
        // The longest in machine code: what the system does meanwhile matters least to it.
        .base("processes", |_| answer(listing::processes(COUNT)))
        .arm("threads", |_| answer(listing::threads(COUNT)))
        .arm("tasks", |runtime| answer(listing::tasks(runtime, COUNT)))
        .foreign("python_processes", python(SCRIPT), |command, _| {
            command.arg(COUNT.to_string());
        })
        .kind(Kind::Python)
        .label("Python, started by Python")
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
