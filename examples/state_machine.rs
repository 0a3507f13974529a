//! A state machine by hand, and the compiler's.

fn main() -> lab::Exit {
    lab::Demo::new("state_machine", listings::futures::state_machine::main)
        .run()
}
