//! Two hundred milliseconds of waiting for another thread, in four ways.

use lab::{Experiment, Kind};
use listings::waiting::until_ready::{self as listing, BAKING};

const TITLE: &str = "Time until a thread knows that another is ready";

fn main() -> lab::Exit {
    Experiment::new("until_ready", TITLE)
        .demo(listing::main)
        .setting("until it is ready", "200 ms")
        .base("told", |()| listing::told(BAKING))
        .kind(Kind::Threads)
        .label("told by a condition variable")
        .arm("spinning", |()| listing::spinning(BAKING))
        .kind(Kind::Threads)
        .label("asking without a pause")
        .arm("yielding", |()| listing::yielding(BAKING))
        .kind(Kind::Threads)
        .label("asking, the core offered")
        .arm("napping", |()| listing::napping(BAKING))
        .kind(Kind::Threads)
        .label("asking once in a millisecond")
        .run()
}
