//! One thread bakes, another asks in a loop.

fn main() -> lab::Exit {
    lab::Demo::new("asking", listings::waiting::asking::main).run()
}
