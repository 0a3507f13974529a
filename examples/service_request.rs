//! Ten requests that wait and compute in turns: one by one, with tasks, threads,
//! processes, and with tasks that leave the computing to rayon's pool.

use std::process::Command;

use lab::{Experiment, Kind, Script, python};
use listings::service::service_request::{self as listing, Answers, Service};

const TITLE: &str = "Time to answer ten requests, each of which waits and computes five times over";
const SCRIPT: &str = "listings/service/service_request.py";

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
        .input(Service::open)
        .base("sequential", |service| {
            answer(service, listing::sequential(service))
        })
        .arm("tasks_one_thread", |service| {
            answer(service, listing::tasks_one_thread(service))
        })
        .label("tasks, one thread")
        .arm("threads", |service| answer(service, listing::threads(service)))
        .arm("processes", |service| {
            answer(service, listing::processes(service))
        })
        .arm("tasks_multi_thread", |service| {
            answer(service, listing::tasks_multi_thread(service))
        })
        .label("tasks, a thread a core")
        .arm("tasks_rayon", |service| {
            answer(service, listing::tasks_rayon(service))
        })
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
        .arm("compute_only", |service| {
            answer(service, listing::compute_only(service))
        })
        .label("computing only")
        .arm("longest_request", |service| {
            answer(service, listing::longest_request(service))
        })
        .label("longest request alone")
        .limit("longest_request", "compute_only")
        .timeline("sequential", None)
        .timeline("tasks_one_thread", None)
        .timeline("threads", None)
        .timeline("processes", None)
        .timeline("tasks_multi_thread", None)
        .timeline("tasks_rayon", None)
        .agree(String::clone)
        .run()
}

/// The transform is numpy's.
fn script() -> Script {
    python(SCRIPT).needs("numpy")
}

/// What all arms must agree on; an arm that failed ends here, with its reason.
fn answer(service: &Service, answers: Answers) -> String {
    match answers {
        Ok(answers) => service.agreed(&answers),
        Err(error) => panic!("{error}"),
    }
}

fn form(name: &'static str) -> impl Fn(&mut Command, &Service) {
    move |command, service| {
        command.arg(name).args(service.options.arguments());
    }
}
