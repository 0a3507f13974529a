//! Five million additions to one count, guarded in four ways, shared by more
//! and more threads.

use lab::{Experiment, Kind};
use listings::locks::contention::{self as listing, OPERATIONS};

const TITLE: &str = "Time for five million additions to one count";

fn main() -> lab::Exit {
    Experiment::new("contention", TITLE)
        .demo(listing::main)
        .setting("operations", "5 000 000, shared by the threads")
        .setting("reads", "99 of 100 operations in the arms with reads")
        .threads_axis()
        .per("addition", OPERATIONS as f64)
        .superlinear("it counts in another way, which costs less for each addition by itself")
        .base("alone", |()| listing::mutex(OPERATIONS, 1))
        .label("mutex, nobody else")
        .arm("no_lock", |()| listing::no_lock(OPERATIONS))
        .arm_over("mutex", |(), n| listing::mutex(OPERATIONS, n))
        .kind(Kind::Threads)
        .arm_over("rwlock", |(), n| listing::rwlock(OPERATIONS, n))
        .kind(Kind::Threads)
        .arm_over("atomic", |(), n| listing::atomic(OPERATIONS, n))
        .kind(Kind::Threads)
        .arm_over("sharded", |(), n| listing::sharded(OPERATIONS, n))
        .kind(Kind::Threads)
        .arm_over("mutex_reads", |(), n| listing::mutex_reads(OPERATIONS, n))
        .kind(Kind::Threads)
        .arm_over("rwlock_reads", |(), n| listing::rwlock_reads(OPERATIONS, n))
        .kind(Kind::Threads)
        .run()
}
