//! A future that holds a lock and is not polled any more.

fn main() -> lab::Exit {
    lab::Demo::new("futurelock", listings::tasks::futurelock::main).run()
}
