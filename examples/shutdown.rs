//! A small server that ends gracefully.

fn main() -> lab::Exit {
    lab::Demo::new("shutdown", listings::tasks::shutdown::main).run()
}
