//! Async functions in traits.

fn main() -> lab::Exit {
    lab::Demo::new("async_traits", listings::futures::async_traits::main).run()
}
