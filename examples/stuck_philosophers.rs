//! Five philosophers who wait for each other, until somebody stops them.

use lab::{Demo, Ending};
use listings::locks::stuck_philosophers as listing;

fn main() -> lab::Exit {
    Demo::new("stuck_philosophers", listing::main)
        .ends(Ending::Endless { stop_after_ms: 1_000 })
        .run()
}
