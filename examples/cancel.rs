//! What is dropped when a future is stopped.

fn main() -> lab::Exit {
    lab::Demo::new("cancel", listings::tasks::cancel::main).run()
}
