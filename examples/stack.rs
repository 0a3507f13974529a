//! A stack behind a lock and one without: a number put on and one taken off,
//! ten million times, by one thread and by a thread for each core.

use std::thread;

use lab::{Experiment, Kind};
use listings::atomics::stack::{self as listing, PAIRS};

const TITLE: &str =
    "Time to put ten million numbers on a stack and take them off";

fn main() -> lab::Exit {
    let cores = thread::available_parallelism().map_or(1, |n| n.get());
    Experiment::new("stack", TITLE)
        .demo(listing::main)
        .setting("pairs of push and pop", "10 000 000, shared by the threads")
        .per("pair", PAIRS as f64)
        .base("mutex", |()| listing::mutex(PAIRS, 1))
        .label("lock, one thread")
        .arm("lock_free", |()| listing::lock_free(PAIRS, 1))
        .label("no lock, one thread")
        .arm("mutex_shared", move |()| listing::mutex(PAIRS, cores))
        .kind(Kind::Threads)
        .label("lock, a thread for each core")
        .arm("lock_free_shared", move |()| listing::lock_free(PAIRS, cores))
        .kind(Kind::Threads)
        .label("no lock, a thread for each core")
        .agree(u64::to_string)
        .run()
}
