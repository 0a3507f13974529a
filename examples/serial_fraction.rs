//! Ten thousand pieces, of which a stated share runs alone, on more and more
//! threads.

use lab::{Experiment, Kind};
use listings::limits::serial_fraction::{self as listing, Job};

const TITLE: &str = "Time to make ten thousand pieces";

fn main() -> lab::Exit {
    let experiment = Experiment::new("serial_fraction", TITLE)
        .demo(listing::main)
        .setting("pieces", "10 000")
        .setting("steps for each piece", "10 000")
        .threads_axis()
        .per("piece", Job::MEASURED.pieces as f64)
        .base("sequential", |()| listing::sequential(Job::MEASURED))
        .label("no threads");
    [0, 5, 10, 25, 50]
        .into_iter()
        .fold(experiment, |experiment, percent| {
            experiment
                .arm_over(&format!("alone_{percent}"), move |(), n| {
                    listing::program(Job::MEASURED, percent, n)
                })
                .kind(Kind::Threads)
                .label(&format!("{percent} % alone"))
                .serial(percent as f64 / 100.0)
        })
        .timeline("alone_25", Some(2))
        .agree(|sum| format!("{sum:016x}"))
        .run()
}
