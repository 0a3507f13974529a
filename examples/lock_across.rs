//! A row with the lock steals a row that wants it. It is stopped after a second.

use lab::{Demo, Ending};
use listings::stops_paying::lock_across as listing;

fn main() -> lab::Exit {
    Demo::new("lock_across", listing::main)
        .ends(Ending::Endless { stop_after_ms: 1_000 })
        .run()
}
