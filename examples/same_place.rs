//! A vector that is moved to a thread stays where it is in memory.

fn main() -> lab::Exit {
    lab::Demo::new("same_place", listings::nothing_shared::same_place::main)
        .run()
}
