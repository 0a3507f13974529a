//! Ten thousand guests who are silent for a second.

fn main() -> lab::Exit {
    lab::Demo::new("guests", listings::tasks::guests::main).run()
}
