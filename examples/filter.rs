//! A conversation over pipes, and how it gets stuck.

use lab::Experiment;
use listings::programs::filter as listing;

fn main() -> lab::Exit {
    Experiment::<(), ()>::new("filter", "")
        .demo(listing::main)
        .role("shout", listing::shout)
        .run()
}
