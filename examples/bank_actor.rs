//! The account as an actor: one thread owns it, the others write to it.

fn main() -> lab::Exit {
    lab::Demo::new("bank_actor", listings::messages::bank_actor::main).run()
}
