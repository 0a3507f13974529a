//! Jobs that do nothing: as calls, by rayon, in a process, on an engine, and by
//! dask.

use std::env;
use std::process::Command;

use lab::{Experiment, Kind, Script, python};
use listings::cluster::broker::{installed, keep};
use listings::cluster::job_cost::{self as listing, Others};
use listings::cluster::{engine, job};

const TITLE: &str = "Time for a job that does nothing";
const SCRIPT: &str = "listings/cluster/cluster_map.py";
/// Of dask's jobs.
const SENT: usize = 500;

fn main() -> lab::Exit {
    Experiment::new("job_cost", TITLE)
        .demo(listing::main)
        .role("cluster-broker", keep)
        .role("cluster-engine", engine::main)
        .role("cluster-worker", job::work)
        .different_work()
        .setting("engines", 1)
        .input(|_: &[String]| {
            Others::open(&env::args().nth(2).unwrap_or_default())
        })
        .arm("call", listing::call)
        .per("job", listing::CALLS as f64)
        .arm("rayon", listing::rayon)
        .per("job", listing::SPLIT as f64)
        .arm("process", listing::process)
        .kind(Kind::Processes)
        .label("worker process")
        .per("job", listing::SENT as f64)
        .arm("engine", listing::engine)
        .kind(Kind::Processes)
        .label("engine, jobs in the queue")
        .per("job", listing::SENT as f64)
        .only_if(installed)
        .arm("engine_alone", listing::engine_alone)
        .kind(Kind::Processes)
        .label("engine, one job at a time")
        .per("job", (listing::SENT / 10) as f64)
        .only_if(installed)
        .foreign("dask", script().needs("distributed"), by("dask"))
        .kind(Kind::Python)
        .per("job", SENT as f64)
        .run()
}

fn script() -> Script {
    python(SCRIPT)
}

fn by(cluster: &'static str) -> impl Fn(&mut Command, &Others) {
    move |command, _| {
        command.arg(cluster).args(["--engines", "1"]);
        command.args(["--count", &SENT.to_string()]);
    }
}
