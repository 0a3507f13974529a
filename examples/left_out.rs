//! A value that goes to another process without the file it has open.

fn main() -> lab::Exit {
    lab::Demo::new("left_out", listings::nothing_shared::left_out::main).run()
}
