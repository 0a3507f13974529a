//! Sixty jobs while engines and the broker are killed, and what that does to
//! their pace.

use std::collections::BTreeMap;

use lab::{Experiment, Kind};
use listings::cluster::broker::{installed, keep};
use listings::cluster::faults::Endings;
use listings::cluster::through_faults::{self as listing, Yard};
use listings::cluster::{engine, job};

const TITLE: &str = "Time for 60 jobs of 20 ms by two engines";

fn main() -> lab::Exit {
    Experiment::new("through_faults", TITLE)
        .demo(listing::main)
        .role("cluster-broker", keep)
        .role("cluster-engine", engine::main)
        .role("cluster-worker", job::work)
        .setting("jobs", listing::JOBS)
        .setting("engines", listing::ENGINES)
        .setting("faults", listing::PLAN.len())
        .setting("delivered again after", "300 ms")
        .input(Yard::open)
        .base("in_peace", listing::in_peace)
        .kind(Kind::Processes)
        .label("no fault")
        .only_if(installed)
        .arm("through_faults", listing::through_faults)
        .kind(Kind::Processes)
        .label("four faults")
        .only_if(installed)
        .timeline("through_faults", None)
        .outcomes(counted)
        .run()
}

fn counted(endings: &Endings) -> BTreeMap<String, u64> {
    match endings {
        Ok(endings) => endings.clone(),
        Err(error) => panic!("{error}"),
    }
}
