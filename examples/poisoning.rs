//! A panic while a lock is held, and what comes after.

fn main() -> lab::Exit {
    lab::Demo::new("poisoning", listings::locks::poisoning::main).run()
}
