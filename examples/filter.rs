//! A conversation over pipes, and how it gets stuck.

use listings::programs::filter as listing;

fn main() -> lab::Exit {
    lab::Demo::new("filter", listing::main).role("shout", listing::shout).run()
}
