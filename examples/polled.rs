//! An async function, called and polled.

fn main() -> lab::Exit {
    lab::Demo::new("polled", listings::futures::polled::main).run()
}
