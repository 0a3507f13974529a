//! The same number of bytes, read from buffers of every size by one thread and by
//! all cores.

use std::thread;

use lab::{Experiment, Kind};
use listings::stops_paying::bandwidth::{self as listing, BYTES, Team};

const TITLE: &str = "Bytes that are read and added up in a second";
const PROGRAM: &str = "listings/stops_paying/bandwidth.c";

const SIZES: [u64; 6] =
    [16_000, 64_000, 256_000, 1_000_000, 8_000_000, 64_000_000];

fn main() -> lab::Exit {
    let cores = thread::available_parallelism().map_or(1, |n| n.get());
    Experiment::new("bandwidth", TITLE)
        .demo(listing::main)
        .setting("bytes read by each arm", "8 192 000 000")
        .axis("bytes in each thread's buffer", SIZES, true)
        .per("byte", BYTES as f64)
        .arm_over_ready("one", |(), size| ready(size, 1))
        .label("one thread")
        .kind(Kind::Sequential)
        .arm_over_ready("all", move |(), size| ready(size, cores))
        .label("a thread for each core")
        .kind(Kind::Threads)
        .superlinear("a share can fit a cache that the whole does not")
        .foreign_over("c_one", lab::c(PROGRAM), |command, (), size| {
            command.args([BYTES.to_string(), size.to_string()]);
        })
        .label("one thread, in C")
        .agree(u64::to_string)
        .run()
}

fn ready(size: usize, threads: usize) -> impl FnOnce() -> u64 {
    let team = Team::ready(BYTES, size, threads);
    move || team.go()
}
