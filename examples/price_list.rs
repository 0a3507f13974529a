//! Many look at a price list, few change it: one at a time, or readers
//! together.

use lab::{Experiment, Kind};
use listings::locks::price_list::{self as listing, Market};

const TITLE: &str = "Time for 10 000 looks at a price list";

fn main() -> lab::Exit {
    Experiment::new("price_list", TITLE)
        .demo(listing::main)
        .setting("articles", "100 000")
        .setting("changes", "1 of 1 000 questions changes a price")
        .threads_axis()
        .base("sequential", |()| listing::sequential(Market::MEASURED))
        .label("no lock")
        .arm_over("mutex", |(), n| listing::mutex(Market::MEASURED, n))
        .kind(Kind::Threads)
        .arm_over("rwlock", |(), n| listing::rwlock(Market::MEASURED, n))
        .kind(Kind::Threads)
        .agree(u64::to_string)
        .run()
}
