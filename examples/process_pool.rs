//! A pool of processes, one of which crashes.

use lab::Experiment;
use listings::nothing_shared::process_pool as listing;

fn main() -> lab::Exit {
    Experiment::<(), ()>::new("process_pool", "")
        .demo(listing::main)
        .role("pool-worker", listing::work)
        .run()
}
