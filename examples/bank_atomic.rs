//! 500 + 500 - 100, without a lock.

fn main() -> lab::Exit {
    lab::Demo::new("bank_atomic", listings::shared_state::bank_atomic::main)
        .run()
}
