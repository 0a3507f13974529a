//! The same work twice, one after the other, in threads, in processes: in
//! Python, and a countdown in Rust.

use lab::{Experiment, Script, free_threaded_python, python};
use listings::gil::gil as listing;

const TITLE: &str = "Time to do the same work twice";
/// How far Rust counts down; Python counts a hundredth of it.
const FROM: u64 = 250_000_000;

fn main() -> lab::Exit {
    let countdown = ["countdown", "2500000"];
    let hashlib = ["hashlib", "100000"];
    let sleep = ["sleep", "50"];
    let numpy = ["numpy", "40"];
    let experiment = Experiment::new("gil", TITLE)
        .demo(listing::main)
        .different_work()
        .setting("countdowns", "from 2 500 000, in Rust from 250 000 000")
        .setting("sleeps", "50 ms")
        .base("sequential", |()| listing::one_after_the_other(FROM))
        .label("Rust, one after the other")
        .arm("threads", |()| listing::two_threads(FROM))
        .label("Rust, two threads");
    [
        ("python_countdown", "countdown in Python", countdown, ""),
        ("python_countdown_threads", "two threads", countdown, "--threads"),
        (
            "python_countdown_processes",
            "two processes",
            countdown,
            "--processes",
        ),
        ("python_hashlib", "hashlib", hashlib, ""),
        (
            "python_hashlib_threads",
            "hashlib, two threads",
            hashlib,
            "--threads",
        ),
        ("python_sleep", "sleep", sleep, ""),
        ("python_sleep_threads", "sleep, two threads", sleep, "--threads"),
        ("python_numpy", "numpy", numpy, ""),
        ("python_numpy_threads", "numpy, two threads", numpy, "--threads"),
        ("python_free_threaded", "free-threaded", countdown, ""),
        (
            "python_free_threaded_threads",
            "free-threaded, two threads",
            countdown,
            "--threads",
        ),
    ]
    .into_iter()
    .fold(experiment, |experiment, (name, label, work, way)| {
        experiment
            .foreign(name, script(name), move |command, ()| {
                command
                    .args(work)
                    .args(Some(way).filter(|way| !way.is_empty()));
            })
            .label(label)
    })
    .run()
}

fn script(arm: &str) -> Script {
    const FILE: &str = "listings/gil/gil.py";
    match arm {
        _ if arm.contains("free_threaded") => free_threaded_python(FILE),
        _ if arm.contains("numpy") => python(FILE).needs("numpy"),
        _ => python(FILE),
    }
}
