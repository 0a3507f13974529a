//! The bell that can be missed, where it is not.

fn main() -> lab::Exit {
    lab::Demo::new("lost_wakeup", listings::waiting::lost_wakeup::main).run()
}
