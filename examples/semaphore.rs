//! Twenty threads, and permits for some of them.

fn main() -> lab::Exit {
    lab::Demo::new("semaphore", listings::waiting::semaphore::main).run()
}
