//! Engines that are killed or cut off, and a broker that is killed, while jobs
//! run.

use std::collections::BTreeMap;

use lab::{Experiment, Kind};
use listings::cluster::broker::{installed, keep};
use listings::cluster::engine::{Point, Promise};
use listings::cluster::faults::{self as listing, Endings, Site};
use listings::cluster::{engine, job};

const TITLE: &str = "Time for 8 jobs of 20 ms, with 4 faults among them";

fn main() -> lab::Exit {
    Experiment::new("faults", TITLE)
        .demo(listing::main)
        .role("cluster-broker", keep)
        .role("cluster-engine", engine::main)
        .role("cluster-worker", job::work)
        .setting("jobs", listing::JOBS)
        .setting("faults", listing::FAULTS)
        .setting("delivered again after", "300 ms")
        .input(Site::open)
        .base("calm", listing::calm)
        .kind(Kind::Processes)
        .label("no fault")
        .only_if(installed)
        .arm("idle", at(Point::Idle))
        .kind(Kind::Processes)
        .label("killed while idle")
        .only_if(installed)
        .arm("taken", at(Point::Taken))
        .kind(Kind::Processes)
        .label("killed in a job")
        .only_if(installed)
        .arm("worked", at(Point::Worked))
        .kind(Kind::Processes)
        .label("killed before the answer")
        .only_if(installed)
        .arm("answered", at(Point::Answered))
        .kind(Kind::Processes)
        .label("killed before the acknowledgment")
        .only_if(installed)
        .arm("broker", listing::broker_killed)
        .kind(Kind::Processes)
        .label("broker killed")
        .only_if(installed)
        .arm("link", listing::link_cut)
        .kind(Kind::Processes)
        .label("link cut")
        .only_if(installed)
        .arm("acknowledged_first", |site: &Site| {
            listing::killed(site, Point::Taken, Promise::AtMostOnce)
        })
        .kind(Kind::Processes)
        .only_if(installed)
        .arm("every_answer_kept", |site: &Site| {
            listing::killed(site, Point::Answered, Promise::AtLeastOnce)
        })
        .kind(Kind::Processes)
        .only_if(installed)
        .outcomes(counted)
        .run()
}

fn at(point: Point) -> impl Fn(&Site) -> Endings {
    move |site| listing::killed(site, point, Promise::FirstAnswer)
}

fn counted(endings: &Endings) -> BTreeMap<String, u64> {
    match endings {
        Ok(endings) => endings.clone(),
        Err(error) => panic!("{error}"),
    }
}
