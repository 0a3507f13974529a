//! An answer that gets lost, and a second try that counts.

use listings::cluster::counted_twice as listing;

fn main() -> lab::Exit {
    lab::Demo::new("counted_twice", listing::main).run()
}
