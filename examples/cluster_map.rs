//! Eigenvalues of random matrices, by engines that take them from a queue at a
//! broker.

use std::env;
use std::process::Command;
use std::thread;

use lab::{Experiment, Kind, Script, python};
use listings::cluster::broker::{installed, keep};
use listings::cluster::cluster_map::{self as listing, Work};
use listings::cluster::{engine, job};

const TITLE: &str = "Time for the largest eigenvalues of 8 matrices";
const SCRIPT: &str = "listings/cluster/cluster_map.py";

fn main() -> lab::Exit {
    Experiment::new("cluster_map", TITLE)
        .demo(listing::main)
        .role("cluster-broker", keep)
        .role("cluster-engine", engine::main)
        .role("cluster-worker", job::work)
        .option("--nats ADDRESS", "a broker that runs, instead of one's own")
        .option("--engines N", "how many are started here (demo only)")
        .option("--size N", "rows of each matrix, and columns")
        .option("--count N", "how many matrices")
        .setting("matrices", 8)
        .setting("rows and columns", 384)
        .input(|options: &[String]| {
            // The arms that need no engines start none.
            let arm = env::args().nth(2).unwrap_or_default();
            Work::open(options, arm == "engines")
        })
        .threads_axis()
        .pieces(8)
        .base("sequential", listing::sequential)
        .arm_over("rayon", listing::rayon)
        .arm_over("engines", listing::engines)
        .kind(Kind::Processes)
        .only_if(installed)
        .foreign("python_sequential", script(), by("loop"))
        .label("NumPy, in a loop")
        .foreign(
            "python_ipyparallel",
            script().needs("ipyparallel"),
            by("ipyparallel"),
        )
        .label("ipyparallel, an engine a core")
        .foreign("python_dask", script().needs("distributed"), by("dask"))
        .label("dask, a worker a core")
        .agree(listing::agreed)
        .run()
}

fn script() -> Script {
    python(SCRIPT).needs("numpy")
}

/// The same jobs, on as many engines as there are cores.
fn by(cluster: &'static str) -> impl Fn(&mut Command, &Work) {
    move |command, work| {
        let cores = thread::available_parallelism().map_or(1, |n| n.get());
        command.arg(cluster).args(["--engines", &cores.to_string()]);
        command.args(["--count", &work.options.count.to_string()]);
        command.args(["--size", &work.options.size.to_string()]);
    }
}
