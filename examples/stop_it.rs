//! One loop without an end, run five ways: which can be stopped?

use listings::programs::stop_it as listing;

fn main() -> lab::Exit {
    lab::Demo::new("stop_it", listing::main)
        .role("counter", listing::counter)
        .run()
}
