//! The waker that is left too late, where it is not.

fn main() -> lab::Exit {
    lab::Demo::new("lost_wake", listings::futures::lost_wake::main).run()
}
