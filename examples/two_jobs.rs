//! Two jobs of two steps each, in four ways: how long they take, and in which
//! orders the steps come.

use lab::{Experiment, Kind};
use listings::ideas::two_jobs::{self as listing, Form, orders};

/// A step computes for some hundredths of a second.
const EFFORT: u64 = 50_000_000;
const RUNS: u64 = 2_000;
/// Starting a process takes longer than starting a thread.
const PROCESS_RUNS: u64 = 100;

fn main() -> lab::Exit {
    Experiment::new("two_jobs", "Two jobs of two steps each")
        .demo(listing::main)
        .role("do-first", listing::first_worker)
        .role("do-second", listing::second_worker)
        .setting("multiplications in a step", "50 000 000; for orders: 0")
        .setting("runs for orders", "2 000; processes: 100")
        .base("sequential", |()| orders(Form::OneAfterTheOther, EFFORT, 1))
        .label("one after the other")
        .arm("tasks", |()| orders(Form::Tasks, EFFORT, 1))
        .label("tasks that yield")
        .arm("threads", |()| orders(Form::Threads, EFFORT, 1))
        .arm("processes", |()| orders(Form::Processes, EFFORT, 1))
        .arm("tasks_orders", |()| orders(Form::Tasks, 0, RUNS))
        .label("tasks that yield")
        .per("run", RUNS as f64)
        .arm("plain_orders", |()| orders(Form::PlainSpawn, 0, RUNS))
        .kind(Kind::Threads)
        .label("threads, plain spawn")
        .per("run", RUNS as f64)
        .arm("threads_orders", |()| orders(Form::Threads, 0, RUNS))
        .label("threads, together")
        .per("run", RUNS as f64)
        .arm("processes_orders", |()| orders(Form::Processes, 0, PROCESS_RUNS))
        .label("processes, together")
        .per("run", PROCESS_RUNS as f64)
        .timeline("sequential", None)
        .timeline("tasks", None)
        .timeline("threads", None)
        .timeline("processes", None)
        .outcomes(|orders| match orders {
            Ok(orders) => orders.clone(),
            Err(error) => panic!("{error}"), // the arm has failed: say why
        })
        .run()
}
