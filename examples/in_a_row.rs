//! Two jobs of two steps each, one job after the other.

fn main() -> lab::Exit {
    lab::Demo::new("in_a_row", listings::ideas::in_a_row::main).run()
}
