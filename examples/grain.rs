//! Ten million numbers checked in chunks of every size: by threads that take the
//! next one, and by rayon, left to itself and not.

use std::thread;

use lab::{Experiment, Kind};
use listings::data_parallelism::grain::{self as listing, BELOW};

const TITLE: &str = "Time to check ten million numbers in chunks";

fn main() -> lab::Exit {
    let cores = thread::available_parallelism().map_or(1, |n| n.get());
    Experiment::new("grain", TITLE)
        .demo(listing::main)
        .option("--chunk N", "numbers in a chunk (demo only)")
        .parameter("chunk", [1, 100, 10_000, 1_000_000])
        .setting("numbers", "10 000 000")
        .setting("threads", "as many as cores")
        .axis("numbers in a chunk", (0..=7).map(|n| 10_u64.pow(n)), true)
        .base("sequential", |()| listing::count(0..BELOW))
        .arm_over("threads", move |(), chunk| {
            listing::threads(BELOW, chunk, cores)
        })
        .label("threads that take the next chunk")
        .arm_over("rayon_at_most", |(), chunk| listing::at_most(BELOW, chunk))
        .label("rayon, chunks at most this large")
        .kind(Kind::Rayon)
        .arm_over("rayon_at_least", |(), chunk| listing::at_least(BELOW, chunk))
        .label("rayon, chunks at least this large")
        .kind(Kind::Rayon)
        .arm_over("rayon_ranges", |(), chunk| listing::ranges(BELOW, chunk))
        .label("rayon, a chunk an item")
        .kind(Kind::Rayon)
        .agree(usize::to_string)
        .run()
}
