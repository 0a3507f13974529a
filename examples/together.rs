//! Several questions at once: both answers, the first, in time, as they come.

fn main() -> lab::Exit {
    lab::Demo::new("together", listings::tasks::together::main).run()
}
