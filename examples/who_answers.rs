//! Who answers while thirty-two pieces only wait, in every way of this book.

use std::process::Command;

use lab::{Experiment, Kind, python};
use listings::choosing::paradigms::{self as ways, Computed, Work};
use listings::choosing::who_answers::{self as listing, Answered};
use listings::service::heartbeat::{Calls, EVERY};

const TITLE: &str = "Time for thirty-two waits of 8 ms while others call";
const SCRIPT: &str = "listings/choosing/paradigms.py";
const WORK: Work = Work { waiting: 100 };

fn main() -> lab::Exit {
    Experiment::new("who_answers", TITLE)
        .demo(listing::main)
        .role("paradigms-worker", ways::worker)
        .setting("pieces", ways::PIECES)
        .setting("between two calls", format!("{} ms", EVERY.as_millis()))
        .base("in_turn", by_itself(ways::sequential))
        .kind(Kind::Sequential)
        .label("the loop")
        .arm("threads", by_one_more(ways::threads))
        .label("a thread each")
        .arm("pool", by_one_more(ways::pool))
        .kind(Kind::Threads)
        .label("8 threads")
        .arm("rayon", by_one_more(ways::rayon))
        .arm("tasks", by_itself(ways::tasks))
        .label("tasks, one thread")
        .arm("tasks_on_threads", by_itself(ways::tasks_on_threads))
        .label("tasks, all threads")
        .arm("tasks_looking_up", by_itself(ways::tasks_looking_up))
        .label("tasks, all threads, looking up")
        .arm("tasks_and_rayon", by_itself(ways::tasks_and_rayon))
        .label("tasks and rayon")
        .arm("processes", by_one_more(in_processes))
        .label("8 processes")
        .foreign("python_threads", python(SCRIPT), way("threads"))
        .label("Python threads")
        .foreign("python_processes", python(SCRIPT), way("processes"))
        .label("Python processes")
        .foreign("python_asyncio", python(SCRIPT), way("asyncio"))
        .label("Python asyncio")
        .latencies(|(_, waited): &Answered| waited.clone())
        .agree(|(computed, _)| format!("{} pieces", computed.len()))
        .run()
}

fn by_itself(way: fn(Work, Calls) -> Computed) -> impl Fn(&()) -> Answered {
    move |()| listing::by_itself(way, WORK)
}

fn by_one_more(way: fn(Work) -> Computed) -> impl Fn(&()) -> Answered {
    move |()| listing::by_one_more_thread(way, WORK)
}

fn in_processes(work: Work) -> Computed {
    ways::processes(work).unwrap_or_else(|error| panic!("{error}"))
}

fn way(name: &'static str) -> impl Fn(&mut Command, &()) {
    move |command, ()| {
        command.args([name, "100", "--called"]);
    }
}
