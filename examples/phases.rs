//! A glider, moved by three threads.

fn main() -> lab::Exit {
    lab::Demo::new("phases", listings::waiting::phases::main).run()
}
