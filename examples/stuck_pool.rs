//! Squares through two bounded queues: three numbers get through.

fn main() -> lab::Exit {
    lab::Demo::new("stuck_pool", listings::messages::stuck_pool::main).run()
}
