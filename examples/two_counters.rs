//! Two threads count with one lock.

fn main() -> lab::Exit {
    lab::Demo::new("two_counters", listings::locks::two_counters::main).run()
}
