//! A neighbor that never lets go, as a thread and as a task.

use listings::scheduling::never_lets_go::main as demo;

fn main() -> lab::Exit {
    lab::Demo::new("never_lets_go", demo).run()
}
