//! Four cups: one after the other, and in a thread each.

use cafe::cups;

fn main() -> lab::Exit {
    lab::Experiment::new("cups", "Time until four cups are ready")
        .demo(cups::main)
        .setting("each brews for", "20 ms")
        .base("one_by_one", |()| cups::one_by_one())
        .arm("threads", |()| cups::at_once())
        .agree(|cups| cups.join(", "))
        .run()
}
