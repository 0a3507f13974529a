//! Many short jobs, in one thread and in four, and beside a countdown, in Rust
//! and in Python.

use lab::{Experiment, Kind, python};
use listings::gil::short_jobs as listing;

const TITLE: &str = "Time for many short jobs, a byte through a pipe each";
const SCRIPT: &str = "listings/gil/short_jobs.py";
const JOBS: u64 = 200_000;
/// Beside a Python thread that computes, a job takes hundreds of times as long.
const BESIDE: u64 = 800;

fn main() -> lab::Exit {
    let failed = |error| panic!("the pipes: {error}");
    let (many, few) = (JOBS.to_string(), BESIDE.to_string());
    let in_four = many.clone();
    Experiment::new("short_jobs", TITLE)
        .demo(listing::main)
        .different_work()
        .setting("jobs", "200 000, beside Python's countdown 800")
        .per("job", JOBS as f64)
        .base("sequential", move |()| {
            listing::in_threads(1, JOBS).unwrap_or_else(failed)
        })
        .label("Rust, one thread")
        .arm("threads", move |()| {
            listing::in_threads(4, JOBS).unwrap_or_else(failed)
        })
        .label("Rust, four threads")
        .arm("beside", move |()| {
            listing::beside_a_countdown(4, JOBS).unwrap_or_else(failed)
        })
        .kind(Kind::Threads)
        .label("Rust, four threads beside a countdown")
        .foreign("python_one", python(SCRIPT), move |command, ()| {
            command.args(["1", &many]);
        })
        .label("Python, one thread")
        .foreign("python_threads", python(SCRIPT), move |command, ()| {
            command.args(["4", &in_four]);
        })
        .label("Python, four threads")
        .foreign("python_beside", python(SCRIPT), move |command, ()| {
            command.args(["4", &few, "--beside"]);
        })
        .per("job", BESIDE as f64)
        .label("Python, four threads beside a countdown")
        .run()
}
