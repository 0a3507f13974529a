//! Jobs for a few workers.

fn main() -> lab::Exit {
    lab::Demo::new("worker_pool", listings::messages::worker_pool::main).run()
}
