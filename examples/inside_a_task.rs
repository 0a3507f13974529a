//! A blocking database client inside a task: it panics.

fn main() -> lab::Exit {
    lab::Demo::new("inside_a_task", listings::blocking::inside_a_task::main)
        .run()
}
