//! Unequal pieces, in blocks, dealt, taken and stolen, on more and more threads.

use lab::{Experiment, Kind};
use listings::stops_paying::imbalance::{self as listing, PIECES};

const TITLE: &str = "Time for four hundred pieces, each a little longer";

fn main() -> lab::Exit {
    Experiment::new("imbalance", TITLE)
        .demo(listing::main)
        .setting("pieces", "400, the last takes 400 times as long as the first")
        .threads_axis()
        .base("sequential", |()| listing::sequential(PIECES))
        .arm_over("blocks", |(), n| listing::blocks(PIECES, n as u64))
        .label("in blocks")
        .kind(Kind::Threads)
        .arm_over("dealt", |(), n| listing::dealt(PIECES, n as u64))
        .kind(Kind::Threads)
        .arm_over("taken", |(), n| listing::taken(PIECES, n as u64))
        .label("taken one by one")
        .kind(Kind::Threads)
        .arm_over("stolen", |(), n| listing::stolen(PIECES, n))
        .label("rayon")
        .kind(Kind::Rayon)
        .timeline("blocks", Some(2))
        .timeline("taken", Some(2))
        .agree(|sum| format!("{sum:016x}"))
        .run()
}
