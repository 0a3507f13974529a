//! A future that another thread makes ready.

fn main() -> lab::Exit {
    lab::Demo::new("parking", listings::futures::parking::main).run()
}
