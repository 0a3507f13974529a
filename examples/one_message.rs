//! One message from a thread to the one that waits for it.

fn main() -> lab::Exit {
    lab::Demo::new("one_message", listings::messages::one_message::main).run()
}
