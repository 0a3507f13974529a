//! One loop without an end, run five ways: which can be stopped?

use lab::Experiment;
use listings::programs::stop_it as listing;

fn main() -> lab::Exit {
    Experiment::<(), ()>::new("stop_it", "")
        .demo(listing::main)
        .role("counter", listing::counter)
        .run()
}
