//! A journal that is closed while others write.

fn main() -> lab::Exit {
    lab::Demo::new("closing", listings::locks::closing::main).run()
}
