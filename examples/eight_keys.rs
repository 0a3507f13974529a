//! Eight keys, each a long chain of steps.

fn main() -> lab::Exit {
    lab::Demo::new("eight_keys", listings::data_parallelism::eight_keys::main)
        .run()
}
