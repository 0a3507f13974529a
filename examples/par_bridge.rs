//! Small items from a range, and through one lock.

use std::thread;

use lab::{Experiment, Kind};
use listings::stops_paying::par_bridge::{self as listing, BELOW};

const TITLE: &str = "Time to scramble two million numbers";

fn main() -> lab::Exit {
    let cores = thread::available_parallelism().map_or(1, |n| n.get());
    Experiment::new("par_bridge", TITLE)
        .demo(listing::main)
        .setting("numbers", "2 000 000")
        .setting("threads", "as many as cores")
        .per("number", BELOW as f64)
        .base("sequential", |()| listing::sequential(BELOW))
        .arm("range", move |()| listing::range(BELOW, cores))
        .kind(Kind::Rayon)
        .label("a range, into_par_iter")
        .arm("bridge", move |()| listing::bridge(BELOW, cores))
        .kind(Kind::Rayon)
        .label("an iterator, par_bridge")
        .arm("bridge_chunks", move |()| listing::bridge_chunks(BELOW, cores))
        .kind(Kind::Rayon)
        .label("par_bridge, 1 000 at a time")
        .agree(|numbers| numbers.iter().sum::<u64>().to_string())
        .run()
}
