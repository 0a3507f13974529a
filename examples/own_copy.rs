//! A counter for all threads, and a counter for each.

fn main() -> lab::Exit {
    lab::Demo::new("own_copy", listings::scheduling::own_copy::main).run()
}
