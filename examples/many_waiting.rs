//! Very many that wait at the same time, as threads and as tasks.

use std::collections::BTreeMap;

use lab::Experiment;
use listings::tasks::many_threads::{self, Crowd};
use listings::tasks::many_waiting as listing;

const TITLE: &str =
    "Time to start so many, let them wait for 20 ms, and let them go";

fn main() -> lab::Exit {
    Experiment::new("many_waiting", TITLE)
        .demo(listing::main)
        .setting("wait", "20 ms")
        .axis("waiting at once", [10, 100, 1_000, 10_000, 100_000], true)
        .base("alone", |()| many_threads::alone())
        .label("the wait alone")
        .arm_over("threads", |(), n| many_threads::threads(n))
        .up_to(10_000)
        .arm_over("tasks", |(), n| match listing::tasks(n) {
            Ok(crowd) => crowd,
            Err(error) => panic!("{error}"),
        })
        .outcomes(|Crowd { waited, refused }| {
            let count = |name: &str, n: &usize| (name.to_string(), *n as u64);
            let all = [count("waited", waited), count("refused", refused)];
            BTreeMap::from(all)
        })
        .run()
}
