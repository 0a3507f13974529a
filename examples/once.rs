//! Words that are read once.

fn main() -> lab::Exit {
    lab::Demo::new("once", listings::waiting::once::main).run()
}
