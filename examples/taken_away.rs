//! Two threads that compute on one core: the scheduler takes it from each again
//! and again.

use std::io;
use std::time::Duration;

use lab::Experiment;
use listings::scheduling::one_core::possible;
use listings::scheduling::taken_away::{self as listing, Slice};

const TITLE: &str = "Time to compute 16 000 pieces on one core";

fn main() -> lab::Exit {
    Experiment::new("taken_away", TITLE)
        .demo(listing::main)
        .setting("pieces", 2 * listing::PIECES)
        .base("alone", |()| lengths(listing::alone()))
        .label("one thread")
        .only_if(possible)
        .arm("threads", |()| lengths(listing::two()))
        .label("two threads")
        .only_if(possible)
        .timeline("threads", None)
        .latencies(Vec::clone)
        .run()
}

/// How long a thread had the core without a break.
fn lengths(slices: io::Result<Vec<Slice>>) -> Vec<Duration> {
    match slices {
        Ok(slices) => slices.iter().map(Slice::length).collect(),
        Err(error) => panic!("{error}"), // the arm has failed: say why
    }
}
