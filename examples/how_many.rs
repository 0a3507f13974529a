//! The number of threads, from the command line or from the machine.

fn main() -> lab::Exit {
    lab::Demo::new("how_many", listings::limits::how_many::main).run()
}
