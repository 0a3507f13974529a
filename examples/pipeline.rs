//! Twenty pages scanned, sharpened and stored: one by one, and as a pipeline.

use lab::Experiment;
use listings::messages::pipeline::{self as listing, Batch};

const TITLE: &str = "Time to scan, sharpen and store twenty pages";

fn main() -> lab::Exit {
    Experiment::new("pipeline", TITLE)
        .demo(listing::main)
        .setting("scanner and disk", "4 ms a page")
        .setting("room between two steps", "1 page")
        .base("sequential", |()| listing::sequential(Batch::MEASURED))
        .arm("threads", |()| listing::pipeline(Batch::MEASURED, 1))
        .label("pipeline")
        .timeline("sequential", None)
        .timeline("threads", None)
        .agree(|stored| format!("{stored:?}"))
        .run()
}
