//! Each word goes to the worker that keeps its count.

use lab::Demo;
use listings::cluster::by_key as listing;

fn main() -> lab::Exit {
    Demo::new("by_key", listing::main).run()
}
