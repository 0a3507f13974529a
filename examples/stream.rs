//! A stream that counts down.

fn main() -> lab::Exit {
    lab::Demo::new("stream", listings::futures::stream::main).run()
}
