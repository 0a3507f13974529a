//! Thirty-two pieces that compute, wait, or do both, in every way of this book.

use std::process::Command;
use std::time::Duration;

use lab::{Experiment, Kind, python};
use listings::choosing::paradigms::{self as listing, Computed, Work};
use listings::choosing::who_answers::{by_itself, by_one_more_thread};
use listings::service::heartbeat::{Calls, EVERY, no_calls};

const TITLE: &str =
    "Time for thirty-two pieces of 8 ms, by how much of a piece waits";
const SCRIPT: &str = "listings/choosing/paradigms.py";
/// What the script asks for: what Python 3.14 does by itself.
const START_METHOD: &str =
    if cfg!(target_os = "linux") { "forkserver" } else { "spawn" };

/// Where all of a piece waits, the whole takes a few milliseconds, and calls would
/// be a part of them: nobody calls. Who answers then is measured by `who_answers`.
const NOTHING_COMPUTES: usize = 100;

fn main() -> lab::Exit {
    Experiment::new("paradigms", TITLE)
        .demo(listing::main)
        .role("paradigms-worker", listing::worker)
        .setting("pieces", listing::PIECES)
        .setting("workers of a pool", listing::WORKERS)
        .setting("between two calls", format!("{} ms", EVERY.as_millis()))
        .setting("start method of Python's processes", START_METHOD)
        .axis("percent waiting", [0, 50, 100], false)
        .work_varies()
        .base("sequential", |()| called(listing::sequential)(&(), 50))
        .label("the loop, half of it waiting")
        .arm_over("in_turn", called(listing::sequential))
        .kind(Kind::Sequential)
        .label("the loop")
        .arm_over("threads", beside_a_listener(listing::threads))
        .label("a thread each")
        .arm_over("pool", beside_a_listener(listing::pool))
        .kind(Kind::Threads)
        .label("8 threads")
        .arm_over("rayon", beside_a_listener(listing::rayon))
        .arm_over("tasks", called(listing::tasks))
        .label("tasks, one thread")
        .arm_over("tasks_on_threads", called(listing::tasks_on_threads))
        .label("tasks, all threads")
        .arm_over("tasks_looking_up", called(listing::tasks_looking_up))
        .label("tasks, all threads, looking up")
        .arm_over("tasks_and_rayon", called(listing::tasks_and_rayon))
        .label("tasks and rayon")
        .arm_over(
            "processes",
            beside_a_listener(|work| {
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
        .latencies(|(_, waited): &Answered| waited.clone())
        .agree(|(pieces, _): &Answered| pieces.clone())
        .run()
}

/// What all arms must agree on, and how long each caller waited.
type Answered = (String, Vec<Duration>);

/// A way that answers calls itself.
fn called(run: fn(Work, Calls) -> Computed) -> impl Fn(&(), usize) -> Answered {
    move |(), waiting| {
        let work = Work { waiting: waiting as u32 };
        counted(match waiting {
            NOTHING_COMPUTES => (run(work, no_calls()), Vec::new()),
            _ => by_itself(run, work),
        })
    }
}

/// A way whose threads have other things to do.
fn beside_a_listener(
    run: fn(Work) -> Computed,
) -> impl Fn(&(), usize) -> Answered {
    move |(), waiting| {
        let work = Work { waiting: waiting as u32 };
        counted(match waiting {
            NOTHING_COMPUTES => (run(work), Vec::new()),
            _ => by_one_more_thread(run, work),
        })
    }
}

/// The results differ from point to point; that each way has those of the loop
/// is the listing's own test.
fn counted((computed, waited): (Computed, Vec<Duration>)) -> Answered {
    (format!("{} pieces", computed.len()), waited)
}

fn in_python(way: &'static str) -> impl Fn(&mut Command, &(), usize) {
    move |command, (), waiting| {
        command.args([way, &waiting.to_string()]);
        command.args((waiting != NOTHING_COMPUTES).then_some("--called"));
    }
}
