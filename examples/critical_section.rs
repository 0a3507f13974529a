//! Ten thousand seals, with the lock around the making, and around the putting
//! away.

use lab::{Experiment, Kind};
use listings::locks::critical_section::{self as listing, Mail};

const TITLE: &str = "Time to seal ten thousand letters";

fn main() -> lab::Exit {
    Experiment::new("critical_section", TITLE)
        .demo(listing::main)
        .setting("letters", "10 000")
        .setting("steps for each seal", "10 000")
        .threads_axis()
        .base("sequential", |()| listing::sequential(Mail::MEASURED))
        .label("no lock")
        .arm_over("lock_around", |(), n| {
            listing::lock_around(Mail::MEASURED, n)
        })
        .kind(Kind::Threads)
        .label("lock around the work")
        .arm_over("lock_after", |(), n| listing::lock_after(Mail::MEASURED, n))
        .kind(Kind::Threads)
        .label("lock after the work")
        .agree(u64::to_string)
        .run()
}
