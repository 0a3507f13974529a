//! An executor that polls until the future is ready.

fn main() -> lab::Exit {
    lab::Demo::new("spinning", listings::futures::spinning::main).run()
}
