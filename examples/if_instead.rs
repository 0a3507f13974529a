//! The buffer with `if`, where nothing goes wrong.

fn main() -> lab::Exit {
    lab::Demo::new("if_instead", listings::waiting::if_instead::main).run()
}
