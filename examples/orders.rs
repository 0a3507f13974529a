//! A kitchen with room for two orders.

fn main() -> lab::Exit {
    lab::Demo::new("orders", listings::tasks::orders::main).run()
}
