//! Other programs, run to their end.

use lab::Experiment;
use listings::programs::run_and_capture as listing;

fn main() -> lab::Exit {
    Experiment::<(), ()>::new("run_and_capture", "")
        .demo(listing::main)
        .role("count-words", listing::count_words)
        .role("panic", listing::panic)
        .run()
}
