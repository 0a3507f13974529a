//! The buffer that wakes too few, where nothing goes wrong.

fn main() -> lab::Exit {
    lab::Demo::new(
        "one_notify_too_few",
        listings::waiting::one_notify_too_few::main,
    )
    .run()
}
