//! Eight pieces of work in a thread each: what they wait for decides how long they take together.

fn main() -> lab::Exit {
    lab::Demo::new("one_piece", listings::choosing::one_piece::main).run()
}
