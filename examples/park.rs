//! A wake-up that comes early.

fn main() -> lab::Exit {
    lab::Demo::new("park", listings::waiting::park::main).run()
}
