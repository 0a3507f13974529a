//! How long a thread waits for a lock that another takes again and again.

use lab::{Experiment, Kind};
use listings::locks::fairness as listing;

const ASKS: usize = 30;

fn main() -> lab::Exit {
    Experiment::new("fairness", "Wait for a lock beside a greedy thread")
        .demo(listing::main)
        .setting("asked in each sample", ASKS)
        .arm("greedy", |()| listing::greedy(ASKS))
        .kind(Kind::Threads)
        .label("std, taken again at once")
        .arm("fair", |()| listing::fair(ASKS))
        .kind(Kind::Threads)
        .label("parking_lot, let go fairly")
        .latencies(Vec::clone)
        .run()
}
