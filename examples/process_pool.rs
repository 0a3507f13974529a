//! A pool of processes, one of which crashes.

use listings::nothing_shared::process_pool as listing;

fn main() -> lab::Exit {
    lab::Demo::new("process_pool", listing::main)
        .role("pool-worker", listing::work)
        .run()
}
