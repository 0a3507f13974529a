//! A process that would never end is killed.

fn main() -> lab::Exit {
    lab::Demo::new("endless", listings::programs::endless::main).run()
}
