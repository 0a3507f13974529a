//! Additions to one count, shared by more and more threads in four ways.

use lab::{Experiment, Kind};
use listings::atomics::shared_counter::{self as listing, OWN, SHARED};

const PROGRAM: &str = "listings/atomics/shared_counter.c";

/// An arm's answer: how many additions were lost.
fn shared(count: fn(u64, usize) -> u64) -> impl Fn(&(), usize) -> u64 + Sync {
    move |(), threads| SHARED - count(SHARED, threads)
}

fn main() -> lab::Exit {
    Experiment::new("shared_counter", "Time of an addition to a count")
        .demo(listing::main)
        .setting("additions to shared counts", "8 million")
        .setting("additions to counts of one thread's own", "256 million")
        .different_work()
        .threads_axis()
        .base("alone", |()| OWN - listing::alone(OWN))
        .per("addition", OWN as f64)
        .label("one thread")
        .arm_over("mutex", shared(listing::mutex))
        .per("addition", SHARED as f64)
        .kind(Kind::Threads)
        .arm_over("atomic", shared(listing::atomic))
        .per("addition", SHARED as f64)
        .label("one atomic")
        .kind(Kind::Threads)
        .arm_over("sharded", shared(listing::sharded))
        .per("addition", SHARED as f64)
        .label("an atomic each")
        .kind(Kind::Threads)
        .arm_over("local", |(), n| OWN - listing::local(OWN, n))
        .per("addition", OWN as f64)
        .label("counted locally")
        .kind(Kind::Threads)
        .foreign_over("c_atomic", lab::c(PROGRAM), |command, (), n| {
            command.args(["atomic", &n.to_string(), &SHARED.to_string()]);
        })
        .per("addition", SHARED as f64)
        .label("one atomic, in C")
        .foreign_over("c_local", lab::c(PROGRAM), |command, (), n| {
            command.args(["local", &n.to_string(), &OWN.to_string()]);
        })
        .per("addition", OWN as f64)
        .label("counted locally, in C")
        .agree(|lost| lost.to_string())
        .run()
}
