//! How long a thread waits for a lock that another takes again and again.

use lab::{Experiment, Kind};
use listings::locks::fairness::{self as listing, STEPS};

const ASKS: usize = 30;

fn main() -> lab::Exit {
    Experiment::new("fairness", "Wait for a lock beside a greedy thread")
        .demo(listing::main)
        .setting("asked in each sample", ASKS)
        .setting("additions in a hold", STEPS)
        .arm("nobody_asks", |()| listing::nobody_asks(ASKS))
        .label("a hold, where nobody asks")
        .arm("greedy", |()| listing::greedy(ASKS))
        .kind(Kind::Threads)
        .label("std, taken again at once")
        .arm("fair", |()| listing::fair(ASKS))
        .kind(Kind::Threads)
        .label("parking_lot, let go fairly")
        .latencies(Vec::clone)
        .run()
}
