//! Thirty thousand numbers through a channel, by its room and its makers.

use lab::{Experiment, Kind};
use listings::messages::channels as listing;

const TITLE: &str = "Time to send 30 000 numbers through a channel";

fn main() -> lab::Exit {
    Experiment::new("channels", TITLE)
        .demo(listing::main)
        .setting("messages", "30 000 numbers of 8 bytes")
        .per("number", listing::MESSAGES as f64)
        .axis("capacity", [1, 8, 64, 1_024], true)
        .base("unbounded", |()| listing::unbounded())
        .kind(Kind::Threads)
        .label("std, unbounded")
        .arm_over("std", |(), room| listing::std(room))
        .kind(Kind::Threads)
        .arm_over("patient", |(), room| listing::patient(room))
        .kind(Kind::Threads)
        .label("std, looking again")
        .arm_over("crossbeam", |(), room| listing::crossbeam(room))
        .kind(Kind::Threads)
        .arm_over("tokio", |(), room| listing::tokio(room))
        .kind(Kind::Tasks)
        .agree(u64::to_string)
        .run()
}
