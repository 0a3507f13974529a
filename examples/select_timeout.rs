//! Orders, the end, or quiet: whichever comes first.

fn main() -> lab::Exit {
    lab::Demo::new("select_timeout", listings::messages::select_timeout::main)
        .run()
}
