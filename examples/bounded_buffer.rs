//! Items through a buffer with little room.

fn main() -> lab::Exit {
    lab::Demo::new("bounded_buffer", listings::waiting::bounded_buffer::main)
        .run()
}
