//! A lock that its holder may take again.

fn main() -> lab::Exit {
    lab::Demo::new("reentrant", listings::locks::reentrant::main).run()
}
