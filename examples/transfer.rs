//! Transfers between two accounts, in both directions.

fn main() -> lab::Exit {
    lab::Demo::new("transfer", listings::locks::transfer::main).run()
}
