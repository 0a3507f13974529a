//! Up to a hundred megabytes, handed to a thread and to another process.

use std::io;

use lab::{Experiment, Kind, Script, python};
use listings::nothing_shared::handover::{self as listing, Receivers, process};

const TITLE: &str =
    "Time to make readings, hand them over and have them added up";
const SCRIPT: &str = "listings/nothing_shared/handover.py";

fn main() -> lab::Exit {
    Experiment::new("handover", TITLE)
        .demo(listing::main)
        .role("receiver", process::receive)
        .setting("receivers", "started before the clock, and warm")
        .input(Receivers::open)
        .axis("payload bytes", SIZES, true)
        .different_work()
        .base("stays", |_| arrived(LARGEST, Ok(listing::stays(LARGEST / 8))))
        .label("100 MB that stay")
        .arm_over("moved", |to, bytes| arrived(bytes, to.moved(bytes / 8)))
        .kind(Kind::Threads)
        .label("moved to a thread")
        .arm_over("map", |to, bytes| arrived(bytes, to.map(bytes / 8)))
        .kind(Kind::Processes)
        .label("memory map")
        .arm_over("pipe_postcard", |to, bytes| {
            arrived(bytes, to.pipe_postcard(bytes / 8))
        })
        .kind(Kind::Processes)
        .label("pipe, postcard")
        .arm_over("wide_pipe", |to, bytes| {
            arrived(bytes, to.wide_pipe_postcard(bytes / 8))
        })
        .kind(Kind::Processes)
        .label("wide pipe, postcard")
        .arm_over("socket_postcard", |to, bytes| {
            arrived(bytes, to.socket_postcard(bytes / 8))
        })
        .kind(Kind::Processes)
        .label("socket, postcard")
        .arm_over("pipe_json", |to, bytes| {
            arrived(bytes, to.pipe_json(bytes / 8))
        })
        .kind(Kind::Processes)
        .label("pipe, JSON")
        .foreign_over("python_pipe", script(), |command, _, bytes| {
            command.args(["pipe", &bytes.to_string()]);
        })
        .label("Python, pickle")
        .foreign_over("python_shared", script(), |command, _, bytes| {
            command.args(["shared-memory", &bytes.to_string()]);
        })
        .label("Python, shared memory")
        .agree(|answer: &&'static str| answer.to_string())
        .run()
}

/// It adds the readings up with numpy: Python's own sum would take longer than
/// handing them over.
fn script() -> Script {
    python(SCRIPT).needs("numpy")
}

/// A kilobyte to a hundred megabytes.
const SIZES: [u64; 4] = [1_000, 100_000, 10_000_000, LARGEST as u64];
const LARGEST: usize = 100_000_000;

/// What all arms must agree on: the receiver added up what was made.
fn arrived(bytes: usize, sum: io::Result<f64>) -> &'static str {
    let expected = listing::expected(bytes / 8);
    match sum {
        Ok(sum) if sum == expected => "every reading arrived",
        Ok(sum) => panic!("{expected} were sent, and {sum} arrived"),
        Err(error) => panic!("{error}"),
    }
}
