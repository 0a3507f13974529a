//! Five philosophers who all get to eat, in three manners.

fn main() -> lab::Exit {
    lab::Demo::new("philosophers", listings::locks::philosophers::main).run()
}
