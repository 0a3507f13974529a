//! A file as a slice.

fn main() -> lab::Exit {
    lab::Demo::new("mapped_file", listings::nothing_shared::mapped_file::main)
        .run()
}
