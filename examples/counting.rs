//! A worker counts from 1 to 10 while main counts from 11 to 20.

fn main() -> lab::Exit {
    lab::Demo::new("counting", listings::threads::counting::main).run()
}
