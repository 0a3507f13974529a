//! Runners who wait for one shot.

fn main() -> lab::Exit {
    lab::Demo::new("event", listings::waiting::event::main).run()
}
