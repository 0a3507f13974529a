//! One thread pays 500 in and 100 out.

fn main() -> lab::Exit {
    lab::Demo::new("one_teller", listings::shared_state::one_teller::main).run()
}
