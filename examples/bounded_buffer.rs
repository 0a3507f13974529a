//! Bread through a shelf with little room, and with more.

use lab::Experiment;
use listings::waiting::bounded_buffer as listing;

const TITLE: &str = "Time to bake and sell 24 loaves";
const BATCHES: u32 = 6;

fn main() -> lab::Exit {
    Experiment::new("bounded_buffer", TITLE)
        .demo(listing::main)
        .setting("oven", "12 ms for four loaves")
        .setting("counter", "4 ms a loaf")
        .base("room_1", |()| listing::shop(BATCHES, 1))
        .kind(lab::Kind::Threads)
        .label("room for 1")
        .arm("room_8", |()| listing::shop(BATCHES, 8))
        .kind(lab::Kind::Threads)
        .label("room for 8")
        .timeline("room_1", None)
        .agree(usize::to_string)
        .run()
}
