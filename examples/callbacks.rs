//! Two questions, one after the other, with callbacks.

fn main() -> lab::Exit {
    lab::Demo::new("callbacks", listings::futures::callbacks::main).run()
}
