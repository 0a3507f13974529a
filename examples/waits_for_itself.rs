//! A pool of one thread waits for itself. It is stopped after a second.

use lab::{Demo, Ending};
use listings::stops_paying::waits_for_itself as listing;

fn main() -> lab::Exit {
    Demo::new("waits_for_itself", listing::main)
        .ends(Ending::Endless { stop_after_ms: 1_000 })
        .run()
}
