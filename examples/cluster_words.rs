//! How often each word stands in a text, by a dataflow of threads or processes.

use std::env;

use lab::{Experiment, Kind};
use listings::cluster::cluster_words::{self as listing, Sent, Work};
use listings::cluster::words_process;

const TITLE: &str = "Time to count the words of a text";

fn main() -> lab::Exit {
    Experiment::new("cluster_words", TITLE)
        .demo(listing::main)
        .role(words_process::ROLE, words_process::main)
        .option("-w N, --workers N", "threads of each process (demo only)")
        .option("-n N, --processes N", "how many processes (demo only)")
        .option("--kill N", "kills this process half way (demo only)")
        .option("--hosts FILE", "where all processes are (demo only)")
        .option("--process N", "which of the hosts this is (demo only)")
        .option("--words N", "how long the text is")
        .option("--seed N", "what it is made from")
        .setting("words", listing::WORDS)
        .input(|options: &[String]| {
            // The workers of a dataflow make their own blocks.
            let arm = env::args().nth(2).unwrap_or_default();
            let dataflow = ["threads", "processes", "each_word"];
            Work::open(options, !dataflow.contains(&arm.as_str()))
        })
        .threads_axis()
        .base("sequential", listing::sequential)
        .arm_over_ready("rayon", listing::rayon)
        .arm_over_ready("threads", |work: &Work, workers| {
            listing::threads(work, workers, Sent::Counted)
        })
        .label("timely, threads")
        .arm_over_ready("processes", listing::processes)
        .label("timely, processes")
        .arm_over_ready("each_word", |work: &Work, workers| {
            listing::threads(work, workers, Sent::EachWord)
        })
        .kind(Kind::Threads)
        .label("timely, every word sent")
        .only_at(&[2])
        .agree(listing::agreed)
        .run()
}
