//! The same computing by one to 64 times as many threads as cores.

use std::thread;

use lab::{Experiment, Kind};
use listings::stops_paying::oversubscription::{
    self as listing, CALLS, PHASES, STEPS,
};

const TITLE: &str = "Time for the same computing by more and more threads";

fn main() -> lab::Exit {
    let cores = thread::available_parallelism().map_or(1, |n| n.get());
    Experiment::new("oversubscription", TITLE)
        .demo(listing::main)
        .axis("threads for each core", [1, 2, 4, 8, 16, 32, 64], true)
        .base("sequential", |()| listing::apart(STEPS, 1))
        .arm_over("apart", move |(), n| listing::apart(STEPS, n * cores))
        .label("threads that never meet")
        .kind(Kind::Threads)
        .arm_over("meeting", move |(), n| {
            listing::meeting(STEPS, PHASES, n * cores)
        })
        .label("threads that meet")
        .kind(Kind::Threads)
        .arm("one_pool", move |()| listing::one_pool(STEPS, CALLS, cores))
        .kind(Kind::Rayon)
        .arm("pool_each_call", move |()| {
            listing::pool_each_call(STEPS, CALLS, cores)
        })
        .kind(Kind::Rayon)
        .run()
}
