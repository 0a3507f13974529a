//! A fast sender, a slow receiver: how long it takes, and what it holds.

use lab::{Experiment, Kind};
use listings::messages::back_pressure as listing;

const TITLE: &str = "A fast sender and a slow receiver";

fn main() -> lab::Exit {
    Experiment::new("back_pressure", TITLE)
        .demo(listing::main)
        .setting("blocks", "2 000 of 64 KiB")
        .setting("room in the bounded channel", "8 blocks")
        .base("unbounded", |()| listing::unbounded())
        .kind(Kind::Threads)
        .arm("bounded", |()| listing::bounded())
        .kind(Kind::Threads)
        .agree(u64::to_string)
        .run()
}
