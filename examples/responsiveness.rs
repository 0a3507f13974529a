//! Keys are pressed while a program computes: how long each of them waits.

use lab::{Experiment, Kind};
use listings::workloads::responsiveness::{self as listing, WORK};

fn main() -> lab::Exit {
    Experiment::new(
        "responsiveness",
        "Time for work during which keys are pressed",
    )
    .demo(listing::main)
    .setting("between two keys", "5 ms")
    .setting("slices", WORK.slices)
    .base("same_thread", |()| listing::same_thread(WORK))
    .arm("in_slices", |()| listing::in_slices(WORK))
    .arm("own_thread", |()| listing::own_thread(WORK))
    .kind(Kind::Threads)
    .latencies(Vec::clone)
    .run()
}
