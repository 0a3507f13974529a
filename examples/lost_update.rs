//! 500 + 500 - 100 on one thread, in every order of its polls.

fn main() -> lab::Exit {
    lab::Demo::new("lost_update", listings::tasks::lost_update::main).run()
}
