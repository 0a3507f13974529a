//! Small pieces of memory from two allocators: given back by the thread that asked
//! for them, and by another one.

use lab::{Experiment, Kind};
use listings::stops_paying::allocation::{self as listing, PIECES};

const TITLE: &str = "Time for six million small pieces of memory";

fn main() -> lab::Exit {
    Experiment::new("allocation", TITLE)
        .demo(listing::main)
        .setting("pieces", "6 000 000, from 16 to 256 bytes")
        .setting("in use at a time", "1 000 of each thread")
        .threads_axis()
        .per("piece", PIECES as f64)
        .base("alone", |()| listing::system(PIECES, 1))
        .label("one thread, the system's")
        .arm_over("system", |(), n| listing::system(PIECES, n))
        .label("the system's")
        .kind(Kind::Threads)
        .arm_over("mimalloc", |(), n| listing::mimalloc(PIECES, n))
        .kind(Kind::Threads)
        .superlinear(
            "mimalloc takes less time than the system's, alone as well",
        )
        .arm("system_passed", |()| listing::system_passed(PIECES))
        .label("the system's, passed on")
        .kind(Kind::Threads)
        .arm("mimalloc_passed", |()| listing::mimalloc_passed(PIECES))
        .label("mimalloc, passed on")
        .kind(Kind::Threads)
        .agree(usize::to_string)
        .run()
}
