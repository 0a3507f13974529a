//! Eight pieces that compute, wait, or do both: one after the other, and with a
//! thread for each.

use lab::{Experiment, Kind};
use listings::workloads::workloads::{
    self as listing, eight_threads, one_thread,
};

fn main() -> lab::Exit {
    Experiment::new("workloads", "Time for eight pieces of work")
        .demo(listing::main)
        .setting("a wait", "25 ms")
        .setting("multiplications in a piece", "45 000 000")
        .arm("compute", |()| one_thread(listing::compute))
        .label("compute, one thread")
        .arm("compute_threads", |()| eight_threads(listing::compute))
        .kind(Kind::Threads)
        .label("compute, eight")
        .arm("wait", |()| one_thread(listing::wait))
        .label("wait, one thread")
        .arm("wait_threads", |()| eight_threads(listing::wait))
        .kind(Kind::Threads)
        .label("wait, eight")
        .arm("both", |()| one_thread(listing::both))
        .label("both, one thread")
        .arm("both_threads", |()| eight_threads(listing::both))
        .kind(Kind::Threads)
        .label("both, eight")
        .timeline("both", None)
        .timeline("both_threads", None)
        .run()
}
