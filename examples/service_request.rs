//! Ten requests that wait and compute in turns: one by one, with tasks, threads,
//! processes, and with tasks that leave the computing to rayon's pool.

use std::process::Command;
use std::time::Duration;

use lab::{Experiment, Kind, Script, python};
use listings::service::heartbeat::{
    Calls, EVERY, while_a_thread_listens, while_called,
};
use listings::service::service_request::{
    self as listing, Answers, Service, report,
};

const TITLE: &str = "Time to answer ten requests, each of which waits and computes five times over";
const SCRIPT: &str = "listings/service/service_request.py";
/// What the script asks for: what Python 3.14 does by itself.
const START_METHOD: &str =
    if cfg!(target_os = "linux") { "forkserver" } else { "spawn" };

fn main() -> lab::Exit {
    Experiment::new("service_request", TITLE)
        .demo(listing::main)
        .role("serve-request", listing::worker)
        .option("--wait TIME", "every wait is shorter than this, originally 1s")
        .option(
            "--size N",
            "how many random numbers are transformed, originally 4000000",
        )
        .setting("waits", "below 40 ms")
        .setting("numbers in a transform", "600 000")
        .setting("between two calls", format!("{} ms", EVERY.as_millis()))
        .setting("start method of Python's processes", START_METHOD)
        .input(|options| Service::open(options).map(Service::warm_up))
        .base("sequential", called(listing::sequential))
        .arm("tasks_one_thread", called(listing::tasks_one_thread))
        .label("tasks, one thread")
        .arm("threads", beside_a_listener(listing::threads))
        .arm("processes", beside_a_listener(listing::processes))
        .arm("tasks_multi_thread", called(listing::tasks_multi_thread))
        .label("tasks, a thread a core")
        .arm("tasks_rayon", called(listing::tasks_rayon))
        .kind(Kind::Rayon)
        .label("tasks + rayon")
        .foreign("python_sequential", script(), form("sequential"))
        .label("Python, sequential")
        .foreign("python_asyncio", script(), form("asyncio"))
        .label("Python asyncio")
        .foreign("python_threads", script(), form("threads"))
        .label("Python threads")
        .foreign("python_processes", script(), form("processes"))
        .label("Python processes")
        .foreign("python_compute_only", script(), form("compute_only"))
        .label("Python, computing only")
        .foreign("python_longest_request", script(), form("longest_request"))
        .label("Python, longest request alone")
        .arm("compute_only", alone(listing::compute_only))
        .label("computing only")
        .arm("longest_request", alone(listing::longest_request))
        .label("longest request alone")
        .limit("longest_request", "compute_only")
        .timeline("sequential", None)
        .timeline("tasks_one_thread", None)
        .timeline("threads", None)
        .timeline("processes", None)
        .timeline("tasks_multi_thread", None)
        .timeline("tasks_rayon", None)
        .latencies(|(_, waited): &Answered| waited.clone())
        .agree(|(agreed, _): &Answered| agreed.clone())
        .run()
}

/// The transform is numpy's.
fn script() -> Script {
    python(SCRIPT).needs("numpy")
}

/// What all arms must agree on, and how long each caller waited.
type Answered = (String, Vec<Duration>);

/// A form that answers calls itself.
fn called(
    form: fn(&Service, Calls) -> Answers,
) -> impl Fn(&Service) -> Answered {
    move |service| {
        let (answers, waited) = while_called(|calls| form(service, calls));
        (agreed(service, answers), waited)
    }
}

/// A form whose threads have other things to do.
fn beside_a_listener(
    form: fn(&Service) -> Answers,
) -> impl Fn(&Service) -> Answered {
    move |service| {
        let (answers, waited) = while_a_thread_listens(|| form(service));
        (agreed(service, answers), waited)
    }
}

/// What no form can undercut; nobody calls meanwhile.
fn alone(form: fn(&Service) -> Answers) -> impl Fn(&Service) -> Answered {
    move |service| (agreed(service, form(service)), Vec::new())
}

/// An arm that failed ends here, with its reason.
fn agreed(service: &Service, answers: Answers) -> String {
    match answers {
        Ok(answers) => report::agreed(service, &answers),
        Err(error) => panic!("{error}"),
    }
}

fn form(name: &'static str) -> impl Fn(&mut Command, &Service) {
    move |command, service| {
        command.arg(name).args(service.options.arguments());
    }
}
