//! 500 + 500 - 100: which endings real runs have, three ways to run it.

use lab::{Experiment, Kind};
use listings::shared_state::bank_race::{self as listing, endings};

const TRIALS: u64 = 2_000;

fn main() -> lab::Exit {
    Experiment::new("bank_race", "What the account holds in the end")
        .demo(listing::main)
        .setting("trials in each sample", TRIALS)
        .arm("plain_spawn", |()| endings(listing::plain_spawn, TRIALS))
        .kind(Kind::Threads)
        .arm("started_together", |()| {
            endings(listing::started_together, TRIALS)
        })
        .kind(Kind::Threads)
        .arm("yielding", |()| endings(listing::yielding, TRIALS))
        .kind(Kind::Threads)
        .outcomes(|endings| endings.clone())
        .run()
}
