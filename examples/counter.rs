//! Two threads count together, each step in one piece.

fn main() -> lab::Exit {
    lab::Demo::new("counter", listings::atomics::counter::main).run()
}
