//! Round trips of a turn between two threads.

use std::time::Duration;

use lab::{Experiment, Kind, c, python};
use listings::waiting::handoff::{
    self as listing, Meeting, Parking, Sending, Spinning, Telling, Turn,
    Yielding,
};

const TITLE: &str = "A turn that goes to another thread and comes back";
const PYTHON: &str = "listings/waiting/handoff.py";
const C: &str = "listings/waiting/handoff.c";
const MOST: usize = 5_000;
/// Of so many, evenly taken, the time is recorded.
const KEPT: usize = 500;

fn main() -> lab::Exit {
    Experiment::new("handoff", TITLE)
        .demo(listing::main)
        .setting("round trips", "5 000, or what 250 ms are enough for")
        .different_work()
        .base("condvar", |()| trips(&Telling::default()))
        .kind(Kind::Threads)
        .label("mutex and condition variable")
        .arm("spinning", |()| trips(&Spinning::default()))
        .kind(Kind::Threads)
        .arm("yielding", |()| trips(&Yielding::default()))
        .kind(Kind::Threads)
        .label("spinning, then yielding")
        .arm("parking", |()| trips(&Parking::default()))
        .kind(Kind::Threads)
        .label("park and unpark")
        .arm("barrier", |()| trips(&Meeting::default()))
        .kind(Kind::Threads)
        .arm("channel", |()| trips(&Sending::default()))
        .kind(Kind::Threads)
        .label("two channels")
        .foreign("c_spin", c(C), |command, ()| {
            command.arg("spin").args(limits());
        })
        .label("C, spinning")
        .foreign("c_condvar", c(C), |command, ()| {
            command.arg("condvar").args(limits());
        })
        .label("C, mutex and condition variable")
        .foreign("python_condition", python(PYTHON), |command, ()| {
            command.arg("condition").args(limits());
        })
        .label("Python, Condition")
        .foreign("python_event", python(PYTHON), |command, ()| {
            command.arg("events").args(limits());
        })
        .label("Python, two Events")
        .latencies(Vec::clone)
        .run()
}

fn limits() -> [String; 2] {
    [MOST.to_string(), KEPT.to_string()]
}

/// Some of the round trips' times, from the first to the last.
fn trips(turn: &impl Turn) -> Vec<Duration> {
    let trips = listing::round_trips(turn, MOST);
    trips.iter().step_by(trips.len().div_ceil(KEPT)).copied().collect()
}
