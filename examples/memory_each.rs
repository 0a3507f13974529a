//! Processes that wait at the same time, and what each of them needs.

use std::collections::BTreeMap;

use lab::Experiment;
use listings::scheduling::memory_each::{self as listing, Crowd};

const TITLE: &str = "Time to start so many processes, and to let them go";

fn main() -> lab::Exit {
    Experiment::new("memory_each", TITLE)
        .demo(listing::main)
        .role("wait", listing::wait)
        .axis("waiting at once", [10, 100, 1_000], true)
        .work_varies()
        .base("none", |()| crowd(0))
        .arm_over("processes", |(), wanted| crowd(wanted))
        .outcomes(|Crowd { waited, refused, kibibytes }| {
            let mut counts = BTreeMap::from([
                ("waited".to_string(), *waited as u64),
                ("refused".to_string(), *refused as u64),
            ]);
            if let Some(kibibytes) = kibibytes {
                counts.insert("kibibytes".to_string(), *kibibytes);
            }
            counts
        })
        .run()
}

fn crowd(wanted: usize) -> Crowd {
    match listing::processes(wanted) {
        Ok(crowd) => crowd,
        Err(error) => panic!("{error}"), // the arm has failed: say why
    }
}
