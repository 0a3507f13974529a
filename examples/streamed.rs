//! A long page, read a piece at a time.

use listings::blocking::{pages, streamed as listing};

fn main() -> lab::Exit {
    lab::Demo::new("streamed", listing::main)
        .role("serve-pages", pages::serve)
        .run()
}
