//! Guests that fetch pages beside a heart that beats, on one thread.

use std::process::Command;
use std::time::Duration;

use lab::{Experiment, Kind, Script, python};
use listings::blocking::heartbeat::{
    self as listing, Beats, EVERY, GUESTS, PAGES,
};
use listings::blocking::pages::{self, LATENCY, Pages};

const TITLE: &str =
    "Time for four guests to fetch fifteen pages each, 5 ms away";
const SCRIPT: &str = "listings/blocking/heartbeat.py";

fn main() -> lab::Exit {
    let ms = |time: Duration| format!("{} ms", time.as_millis());
    Experiment::new("heartbeat", TITLE)
        .demo(listing::main)
        .role("serve-pages", pages::serve)
        .setting("guests", GUESTS)
        .setting("pages for each", PAGES)
        .setting("each page is away", ms(LATENCY))
        .setting("from beat to beat", ms(EVERY))
        .input(Pages::open)
        .base("blocking", late(listing::blocking))
        .kind(Kind::Tasks)
        .label("blocking (ureq)")
        .arm("polite", late(listing::polite))
        .kind(Kind::Tasks)
        .label("polite (reqwest)")
        .arm("moved_away", late(listing::moved_away))
        .kind(Kind::Tasks)
        .label("spawn_blocking (ureq)")
        .arm("alone", late(listing::alone))
        .kind(Kind::Tasks)
        .label("nobody fetches")
        .foreign("python_blocking", requests(), form("blocking"))
        .label("Python, requests")
        .foreign("python_polite", aiohttp(), form("polite"))
        .label("Python, aiohttp")
        .foreign("python_moved_away", requests(), form("moved_away"))
        .label("Python, to_thread (requests)")
        .latencies(Vec::clone)
        .run()
}

fn requests() -> Script {
    python(SCRIPT).needs("requests")
}

fn aiohttp() -> Script {
    python(SCRIPT).needs("aiohttp")
}

fn form(name: &'static str) -> impl Fn(&mut Command, &Pages) {
    move |command, pages| {
        command.arg(name).arg(pages.url("page"));
    }
}

/// A form that failed ends here, with its reason.
fn late(form: fn(&Pages) -> Beats) -> impl Fn(&Pages) -> Vec<Duration> {
    move |pages| form(pages).unwrap_or_else(|error| panic!("{error}"))
}
