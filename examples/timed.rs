//! What a stopwatch around an async function sees.

fn main() -> lab::Exit {
    lab::Demo::new("timed", listings::futures::timed::main).run()
}
