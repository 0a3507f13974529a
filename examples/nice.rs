//! Two threads that compute on one core, one of them nicer: what each gets done.

use std::collections::BTreeMap;

use lab::{Experiment, Kind};
use listings::scheduling::nice::{self as listing, Done};
use listings::scheduling::one_core::possible;

const TITLE: &str = "Pieces of computing that two threads on one core get done";

fn main() -> lab::Exit {
    let beside = |niceness| {
        move |_: &()| match listing::beside(niceness) {
            Ok(Done { usual, nicer }) => BTreeMap::from([
                ("usual".to_string(), usual),
                ("nicer".to_string(), nicer),
            ]),
            Err(error) => panic!("{error}"), // the arm has failed: say why
        }
    };
    Experiment::new("nice", TITLE)
        .demo(listing::main)
        .setting("length", "300 ms")
        .different_work()
        .base("nice_0", beside(0))
        .kind(Kind::Threads)
        .only_if(possible)
        .arm("nice_5", beside(5))
        .kind(Kind::Threads)
        .only_if(possible)
        .arm("nice_10", beside(10))
        .kind(Kind::Threads)
        .only_if(possible)
        .arm("nice_19", beside(19))
        .kind(Kind::Threads)
        .only_if(possible)
        .outcomes(Clone::clone)
        .run()
}
