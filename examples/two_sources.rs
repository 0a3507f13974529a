//! One reader of two channels.

fn main() -> lab::Exit {
    lab::Demo::new("two_sources", listings::tasks::two_sources::main).run()
}
