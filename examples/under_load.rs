//! A server under loads from little to more than it can take.

use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use lab::{Experiment, Kind};
use listings::blocking::open_loop::{
    End, Reply, SEED, reckoned, schedule, send, send_and_wait, since_sent,
    waited,
};
use listings::blocking::under_load::{
    self as listing, Form, PLACES, Server, counted,
};

const TITLE: &str = "Requests at a share of what the server can take";
const RUN: Duration = Duration::from_millis(200);
/// Longer, so that what is full at the end counts for less.
const SHEDDING: Duration = Duration::from_millis(600);
const CLIENTS: usize = 24;
const ALONE: [Duration; 25] = [Duration::ZERO; 25];

type Run = (Vec<Duration>, BTreeMap<String, u64>);

fn main() -> lab::Exit {
    Experiment::new("under_load", TITLE)
        .demo(listing::main)
        .role("serve", listing::serve)
        .option("serve --port N", "the server alone, until Ctrl-C")
        .setting("places", PLACES)
        .setting("each query", "10 ms")
        .setting("requests for", "200 ms, with a limit 600 ms")
        .setting("seed", SEED)
        .setting("clients of the closed loop", CLIENTS)
        .different_work()
        .axis("load in per cent", [10, 50, 80, 95, 110, 120], false)
        .work_varies()
        .input(|_| listing::widen())
        .base("alone", |()| ended(since_sent, &asked(&ALONE, 1)))
        .label("one request after the other")
        .arm_over("reckoned", |(), load| {
            (reckoned(&schedule(load, RUN)), BTreeMap::new())
        })
        .arm_over("tasks", |(), load| open(Form::Tasks, load))
        .arm_over("pool", |(), load| open(Form::Pool, load))
        .kind(Kind::Threads)
        .only_at(&[50, 80, 120])
        .arm_over("threads", |(), load| open(Form::Threads, load))
        .only_at(&[50, 80, 120])
        .arm_over("limited", |(), load| {
            let due = schedule(load, SHEDDING);
            let replies = served(Form::Tasks, Some(PLACES), |a| send(a, &due));
            ended(waited, &replies)
        })
        .kind(Kind::Tasks)
        .label("tasks, room for 20")
        .only_at(&[80, 120])
        .arm_over("closed", |(), load| {
            ended(since_sent, &asked(&schedule(load, RUN), CLIENTS))
        })
        .kind(Kind::Tasks)
        .label("closed loop, from sending")
        .only_at(&[80, 120])
        .arm_over("closed_due", |(), load| {
            ended(waited, &asked(&schedule(load, RUN), CLIENTS))
        })
        .kind(Kind::Tasks)
        .label("closed loop, from due")
        .only_at(&[120])
        .arm_over("lateness", |(), load| inside(load))
        .only_at(&[80, 120])
        .latencies(|(waits, _)| waits.clone())
        .outcomes(|(_, ends)| ends.clone())
        .run()
}

fn served<R>(
    form: Form,
    room: Option<usize>,
    ask: impl FnOnce(SocketAddr) -> io::Result<R>,
) -> R {
    let run = Server::start(form, 0, room).and_then(|s| ask(s.address));
    run.unwrap_or_else(|error| panic!("{error}"))
}

fn open(form: Form, load: usize) -> Run {
    let due = schedule(load, RUN);
    ended(waited, &served(form, None, |address| send(address, &due)))
}

fn asked(due: &[Duration], clients: usize) -> Vec<Reply> {
    served(Form::Tasks, None, |a| Ok(send_and_wait(a, due, clients)))
}

fn ended(waits: fn(&[Reply]) -> Vec<Duration>, replies: &[Reply]) -> Run {
    let count = |end| replies.iter().filter(|r| r.end == end).count() as u64;
    let ends = [
        ("answered", End::Answered),
        ("refused", End::Refused),
        ("failed", End::Failed),
    ];
    let ends = ends.map(|(name, end)| (name.to_string(), count(end)));
    (waits(replies), ends.into())
}

/// How late requests were sent, and how many were inside, counted twice.
fn inside(load: usize) -> Run {
    let due = schedule(load, RUN);
    let run = Server::start(Form::Tasks, 0, None)
        .and_then(|server| counted(&server, |address| send(address, &due)));
    let run = run.unwrap_or_else(|error| panic!("{error}"));
    let late = run.replies.iter().map(|reply| reply.sent - reply.due);
    let counts = run.counts();
    let counts = counts.map(|(name, count)| (name.to_string(), count));
    (late.collect(), counts.into())
}
