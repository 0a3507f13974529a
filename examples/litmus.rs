//! Five litmus tests with weaker and stronger orderings: how real trials end.

use std::collections::BTreeMap;

use lab::{Experiment, Kind};
use listings::atomics::litmus::{
    self as listing, Fences, Relaxed, ReleaseAcquire, SeqCst, Test, outcomes,
};

const TRIALS: usize = 500_000;

type Arms = Experiment<(), BTreeMap<String, u64>>;

/// An arm for each of three orderings.
fn three(all: Arms, name: &str, tests: [fn() -> Test; 3]) -> Arms {
    ["relaxed", "acquire", "seqcst"]
        .into_iter()
        .zip(tests)
        .fold(all, |all, (ordering, test)| {
            one(all, &format!("{name}_{ordering}"), test)
        })
}

fn one(all: Arms, name: &str, test: fn() -> Test) -> Arms {
    all.arm(name, move |()| outcomes(&test(), TRIALS)).kind(Kind::Threads)
}

/// The three orderings of a test.
macro_rules! orderings {
    ($test:ident) => {
        [
            listing::$test::<Relaxed>,
            listing::$test::<ReleaseAcquire>,
            listing::$test::<SeqCst>,
        ]
    };
}

fn main() -> lab::Exit {
    let all = Experiment::new("litmus", "How trials of litmus tests end")
        .demo(listing::main)
        .setting("trials in each sample", TRIALS);
    let all = three(all, "store_buffering", orderings!(store_buffering));
    let all = one(all, "store_buffering_fences", || {
        listing::store_buffering::<Fences>()
    });
    let all = three(all, "message_passing", orderings!(message_passing));
    let all = three(all, "load_buffering", orderings!(load_buffering));
    let all = three(all, "coherence", orderings!(coherence));
    let all = three(all, "independent_reads", orderings!(independent_reads));
    let all = one(all, "independent_reads_fences", || {
        listing::independent_reads::<Fences>()
    });
    all.outcomes(BTreeMap::clone).run()
}
