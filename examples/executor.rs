//! Two tasks that take turns, and the loop that polls them.

fn main() -> lab::Exit {
    lab::Demo::new("executor", listings::futures::executor::main).run()
}
