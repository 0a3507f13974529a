//! Three clerks who write into one ledger: where each of them waits, and for
//! whom.

use lab::Experiment;
use listings::locks::ledger::{self as listing, Day};

const TITLE: &str = "Time for three clerks to fill a ledger";

fn main() -> lab::Exit {
    Experiment::new("ledger", TITLE)
        .demo(listing::main)
        .setting("entries of each clerk", "6")
        .base("sequential", |()| listing::sequential(Day::MEASURED))
        .label("one after the other")
        .arm("threads", |()| listing::threads(Day::MEASURED))
        .label("three threads")
        .timeline("threads", None)
        .agree(u64::to_string)
        .run()
}
