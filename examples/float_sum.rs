//! One sum of floating-point numbers, split in several ways.

fn main() -> lab::Exit {
    lab::Demo::new("float_sum", listings::data_parallelism::float_sum::main)
        .run()
}
