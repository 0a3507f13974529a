//! A queue for threads, and a queue for tasks.

fn main() -> lab::Exit {
    lab::Demo::new("queues", listings::blocking::queues::main).run()
}
