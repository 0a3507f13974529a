//! Pieces that wait and then compute, in larger and larger pools.

use lab::{Experiment, Kind};
use listings::choosing::paradigms::{Computed, Work};
use listings::choosing::pool_size as listing;

const TITLE: &str = "Time for thirty-two pieces for each core, in a pool";

fn main() -> lab::Exit {
    let half = Work { waiting: 50 };
    let three_quarters = Work { waiting: 75 };
    Experiment::new("pool_size", TITLE)
        .demo(listing::main)
        .setting("pieces for each core", 32)
        .setting("a piece", "8 ms, longer on a slower core")
        .axis("threads for each core", [1, 2, 3, 4, 6, 8, 16], true)
        .different_work()
        .base("one_each", move |()| listing::pool(half, 1))
        .kind(Kind::Threads)
        .label("a thread for each core, half waiting")
        .arm_over("half", move |(), n| listing::pool(half, n as u64))
        .kind(Kind::Threads)
        .label("half of a piece waits")
        .arm_over("three_quarters", move |(), n| {
            listing::pool(three_quarters, n as u64)
        })
        .kind(Kind::Threads)
        .label("three quarters of a piece wait")
        .agree(|computed: &Computed| format!("{} pieces", computed.len()))
        .run()
}
