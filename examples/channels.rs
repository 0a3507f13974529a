//! Thirty thousand numbers through a channel, by its room and its makers.

use lab::{Experiment, Kind};
use listings::messages::channels as listing;

const TITLE: &str = "Time to send 30 000 numbers through a channel";

fn main() -> lab::Exit {
    Experiment::new("channels", TITLE)
        .demo(listing::main)
        .setting("messages", "30 000 numbers of 8 bytes")
        .axis("capacity", [1, 8, 64, 1_024], true)
        .base("unbounded", |()| listing::unbounded(1))
        .kind(Kind::Threads)
        .label("std, unbounded")
        .arm_over("std", |(), room| listing::std(1, room))
        .kind(Kind::Threads)
        .arm_over("crossbeam", |(), room| listing::crossbeam(1, room))
        .kind(Kind::Threads)
        .arm_over("tokio", |(), room| listing::tokio(1, room))
        .kind(Kind::Tasks)
        .arm_over("std_4", |(), room| listing::std(4, room))
        .kind(Kind::Threads)
        .label("std, 4 senders")
        .arm_over("crossbeam_4", |(), room| listing::crossbeam(4, room))
        .kind(Kind::Threads)
        .label("crossbeam, 4 senders")
        .arm_over("tokio_4", |(), room| listing::tokio(4, room))
        .kind(Kind::Tasks)
        .label("tokio, 4 senders")
        .agree(u64::to_string)
        .run()
}
