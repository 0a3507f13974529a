//! 500 + 500 - 100, behind a lock.

fn main() -> lab::Exit {
    lab::Demo::new("bank_mutex", listings::shared_state::bank_mutex::main).run()
}
