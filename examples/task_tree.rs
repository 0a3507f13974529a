//! A market that closes from its leaves to its root.

fn main() -> lab::Exit {
    lab::Demo::new("task_tree", listings::tasks::task_tree::main).run()
}
