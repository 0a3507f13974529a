//! Two threads add to two counts, which lie closer together or further apart.

use lab::{Experiment, Kind};
use listings::atomics::false_sharing::{self as listing, ADDITIONS};

const TITLE: &str = "Time for forty million additions to two counts";

fn main() -> lab::Exit {
    Experiment::new("false_sharing", TITLE)
        .demo(listing::main)
        .setting("additions", "40 million, half of them to each count")
        .axis("bytes apart", [8, 16, 32, 64, 128, 256], true)
        .per("addition", ADDITIONS as f64)
        .base("alone", |()| listing::alone(ADDITIONS))
        .label("one thread, one count")
        .arm_over("apart", |(), bytes| listing::apart(ADDITIONS, bytes))
        .label("two threads, a count each")
        .kind(Kind::Threads)
        .agree(u64::to_string)
        .run()
}
