//! Threads, tasks and processes that do nothing: the price of starting.

use std::io;

use lab::{Experiment, Script, python};
use listings::programs::start_cost::{
    self as listing, PROCESSES, TASKS, THREADS,
};

const TITLE: &str = "Time to start threads, tasks and processes, each when the one before has ended";
const SCRIPT: &str = "listings/programs/start_cost.py";
/// A process that is forked is there sooner than one that starts Python anew.
const FORKED: usize = 50;
const ANEW: usize = 15;

fn main() -> lab::Exit {
    Experiment::new("start_cost", TITLE)
        .demo(listing::main)
        .role("nothing", listing::nothing)
        .setting("threads, one after the other", THREADS)
        .setting("tasks", TASKS)
        .setting("processes", PROCESSES)
        .setting("of Python, forked", FORKED)
        .setting("of Python, anew", ANEW)
        .input(listing::runtime)
        .different_work()
        .base("processes", |_| ended(listing::processes(PROCESSES)))
        .per("start", PROCESSES as f64)
        .arm("threads", |_| ended(listing::threads(THREADS)))
        .per("start", THREADS as f64)
        .arm("tasks", |runtime| ended(listing::tasks(runtime, TASKS)))
        .per("start", TASKS as f64)
        .foreign("python_fork", script().forks(), |command, _| {
            command.args(["fork", &FORKED.to_string()]);
        })
        .label("Python, fork")
        .per("start", FORKED as f64)
        .foreign("python_forkserver", script().forks(), |command, _| {
            command.args(["forkserver", &FORKED.to_string()]);
        })
        .label("Python, forkserver")
        .per("start", FORKED as f64)
        .foreign("python_spawn", script(), |command, _| {
            command.args(["spawn", &ANEW.to_string()]);
        })
        .label("Python, spawn")
        .per("start", ANEW as f64)
        .foreign("python_run", script(), |command, _| {
            command.args(["run", &ANEW.to_string()]);
        })
        .label("Python, subprocess.run")
        .per("start", ANEW as f64)
        .agree(|answer: &&'static str| answer.to_string())
        .run()
}

fn script() -> Script {
    python(SCRIPT)
}

/// What all arms must agree on; an arm that failed ends here, with its reason.
fn ended(started: io::Result<usize>) -> &'static str {
    match started {
        Ok(_) => "all came and went",
        Err(error) => panic!("{error}"),
    }
}
