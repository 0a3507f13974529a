//! Pictures made grey, halved and saved: one after the other, and split over
//! threads and rayon's pool.

use lab::Experiment;
use listings::data_parallelism::images::{self as listing, Files, Pictures};

const TITLE: &str =
    "Time to make 64 pictures grey, to halve them and to save them";

fn main() -> lab::Exit {
    Experiment::new("images", TITLE)
        .demo(listing::main)
        .option("--count N", "how many pictures, originally 1000")
        .parameter("count", [16, 64, 256])
        .setting("pictures", 64)
        .setting("pixels", "640 × 480")
        .input(Pictures::open)
        .threads_axis()
        .pieces(64)
        .base("sequential", listing::sequential)
        .arm_over("threads", listing::threads)
        .arm_over("rayon", listing::rayon)
        .timeline("rayon", Some(2))
        .agree(answer)
        .run()
}

/// What all arms must agree on; an arm that failed ends here, with its reason.
fn answer(files: &Files) -> String {
    let contents = match files {
        Ok(files) => listing::contents(files),
        Err(error) => panic!("saving pictures: {error}"),
    };
    contents.unwrap_or_else(|error| panic!("reading them again: {error}"))
}
