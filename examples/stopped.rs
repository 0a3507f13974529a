//! A heart that beats until its thread is blocked.

fn main() -> lab::Exit {
    lab::Demo::new("stopped", listings::blocking::stopped::main).run()
}
