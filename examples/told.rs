//! One thread bakes, another sleeps until it is told.

fn main() -> lab::Exit {
    lab::Demo::new("told", listings::waiting::told::main).run()
}
