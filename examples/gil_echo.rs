//! Fifty echoes from a process that counts down beside them, or does nothing
//! else, in Rust and in Python.

use std::time::Duration;

use lab::{Experiment, Kind, free_threaded_python, python};
use listings::gil::gil_echo::{self as listing, Server};

const TITLE: &str = "Fifty echoes, a pause of 7 ms before each";
const SCRIPT: &str = "listings/gil/gil_echo.py";
const ECHOES: usize = 50;

fn main() -> lab::Exit {
    let asked = ["--echoes", "50"];
    Experiment::new("gil_echo", TITLE)
        .demo(listing::main)
        .role(listing::ROLE, listing::serve)
        .setting("echoes", ECHOES)
        .setting("pause", "7 ms")
        .input(|_: &[String]| Server::start())
        .base("alone", |server| latencies(server, false))
        .kind(Kind::Threads)
        .label("Rust, nothing beside")
        .arm("threads", |server| latencies(server, true))
        .label("Rust, a countdown in a thread")
        .foreign("python_alone", python(SCRIPT), move |command, _| {
            command.arg("nothing").args(asked);
        })
        .label("Python, nothing beside")
        .foreign("python_threads", python(SCRIPT), move |command, _| {
            command.arg("thread").args(asked);
        })
        .label("Python, a countdown in a thread")
        .foreign("python_processes", python(SCRIPT), move |command, _| {
            command.arg("process").args(asked);
        })
        .label("Python, a countdown in a process")
        .foreign(
            "python_free_threaded",
            free_threaded_python(SCRIPT),
            move |command, _| {
                command.arg("thread").args(asked);
            },
        )
        .label("free-threaded Python, a countdown in a thread")
        .latencies(Vec::clone)
        .run()
}

fn latencies(server: &Server, counting: bool) -> Vec<Duration> {
    match listing::latencies(server, counting, ECHOES) {
        Ok(latencies) => latencies,
        Err(error) => panic!("the echoes: {error}"),
    }
}
