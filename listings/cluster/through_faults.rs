//! Jobs that go on while engines are killed and the broker is killed, told by
//! the engines as it happens.
//!
//! Runs locally only: it needs a broker, and starts processes.

use std::collections::{BTreeMap, BTreeSet};
use std::env;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, Command, ExitCode, Stdio};
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use tracing::{info_span, trace};

use crate::cluster::broker::{Broker, TOKEN};
use crate::cluster::cluster_map::Cluster;
use crate::cluster::engine::Point;
use crate::cluster::faults::{ACK_WAIT, Endings};
use crate::cluster::job::Job;
use crate::cluster::queue::{Error, Rules};

pub const JOBS: usize = 60;
pub const ENGINES: usize = 2;
pub const MILLISECONDS: u64 = 20;

// ANCHOR: plan
/// After how many jobs a fault comes, and which.
pub const PLAN: [(usize, Fault); 4] = [
    (10, Fault::Kill(Point::Taken)),
    (20, Fault::Kill(Point::Worked)),
    (30, Fault::Kill(Point::Answered)),
    (40, Fault::Broker),
];

#[derive(Clone, Copy, PartialEq)]
pub enum Fault {
    /// The next engine that says so is killed, and another one is started.
    Kill(Point),
    Broker,
}
// ANCHOR_END: plan

/// What an engine has said: its number, the word, and the task.
type Said = (usize, String, String);

/// An engine, and the thread that hears what it says.
struct Led {
    process: Child,
    to: Option<ChildStdin>,
    hears: Option<JoinHandle<()>>,
}

impl Led {
    fn start(
        number: usize,
        broker: &Broker,
        tell: Sender<Said>,
    ) -> Result<Led, Error> {
        let program = env::current_exe().map_err(Error::at("this program"))?;
        let address = &broker.address;
        let mut process = Command::new(program)
            .args([
                "cluster-engine",
                "--led",
                "--tell",
                "--nats",
                &address.host,
            ])
            .env(TOKEN, address.token.as_deref().unwrap_or(""))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(Error::at("starting an engine"))?;
        let to = process.stdin.take();
        let from = process.stdout.take();
        let mut led = Led { process, to, hears: None };
        let pipe = || Error::new("an engine", "no pipe");
        let to = led.to.as_mut().ok_or_else(pipe)?;
        writeln!(to, "begin").map_err(Error::at("an engine"))?;
        let lines = BufReader::new(from.ok_or_else(pipe)?).lines();
        let lines = lines.map_while(Result::ok);
        led.hears = Some(thread::spawn(move || heard(number, lines, &tell)));
        Ok(led)
    }

    /// No farewell. What it has said by then is heard.
    fn kill(&mut self) {
        let _ = self.process.kill(); // it can be gone already
        self.end();
    }

    fn end(&mut self) {
        drop(self.to.take());
        if let Some(hears) = self.hears.take() {
            let _ = hears.join();
        }
        let _ = self.process.wait();
    }
}

impl Drop for Led {
    /// It ends with its input, and is waited for.
    fn drop(&mut self) {
        self.end();
    }
}

// ANCHOR: heard
/// A lane of the timeline for each engine: a span for each job, from the moment
/// at which the engine has taken it, to its acknowledgment or the engine's end.
fn heard(
    number: usize,
    lines: impl Iterator<Item = String>,
    tell: &Sender<Said>,
) {
    trace!(name = format!("engine {number}"));
    let mut job = None;
    for line in lines {
        let (word, id) = line.split_once(' ').unwrap_or((&line, ""));
        match word {
            "taken" => job = Some(info_span!("job").entered()),
            "done" => drop(job.take()),
            _ => {}
        }
        if tell.send((number, word.into(), id.into())).is_err() {
            return;
        }
    }
}
// ANCHOR_END: heard

/// A broker with a short patience, and a controller. In the order in which they
/// are to end.
pub struct Yard {
    cluster: Cluster,
    broker: std::cell::RefCell<Broker>,
}

impl Yard {
    pub fn open(_: &[String]) -> Result<Yard, Error> {
        let broker = Broker::start().map_err(Error::at("a broker"))?;
        let rules = Rules { ack_wait: ACK_WAIT, ..Rules::default() };
        let mut cluster = Cluster::open(&broker.address, &rules)?;
        cluster.limits.all = Duration::from_secs(30);
        Ok(Yard { cluster, broker: broker.into() })
    }
}

pub fn in_peace(yard: &Yard) -> Endings {
    run(yard, &[])
}

pub fn through_faults(yard: &Yard) -> Endings {
    run(yard, &PLAN)
}

fn run(yard: &Yard, plan: &[(usize, Fault)]) -> Endings {
    let job = Job::Sleep { milliseconds: MILLISECONDS };
    let ids = yard.cluster.map_async(&vec![job; JOBS])?;
    let (tell, said) = mpsc::channel();
    let start =
        |number| Led::start(number, &yard.broker.borrow(), tell.clone());
    let mut engines: BTreeMap<usize, Led> = BTreeMap::new();
    for number in 1..=ENGINES {
        engines.insert(number, start(number)?);
    }
    lead(yard, plan, &said, &mut engines, &start)?;
    yard.cluster.wait_until_empty()?;
    drop(engines);
    let mut endings = BTreeMap::new();
    for id in &ids {
        let word = match yard.cluster.answers_under(id)? {
            0 => "never answered",
            1 => "answered once",
            _ => "answered twice",
        };
        *endings.entry(word.to_string()).or_default() += 1;
    }
    Ok(endings)
}

// ANCHOR: lead
/// Hears of jobs until all are done, and makes the faults of the plan.
fn lead(
    yard: &Yard,
    plan: &[(usize, Fault)],
    said: &Receiver<Said>,
    engines: &mut BTreeMap<usize, Led>,
    start: &dyn Fn(usize) -> Result<Led, Error>,
) -> Result<(), Error> {
    trace!(name = "faults");
    let (mut done, mut plan) = (BTreeSet::new(), plan.iter().peekable());
    let mut next = ENGINES;
    while done.len() < JOBS {
        let late = |_| Error::Late(JOBS - done.len());
        let heard = said.recv_timeout(yard.cluster.limits.all);
        let (number, word, id) = heard.map_err(late)?;
        if word == "kept" || word == "refused" {
            done.insert(id);
        }
        let due = plan.peek().filter(|(after, _)| done.len() >= *after);
        match due.map(|(_, fault)| *fault) {
            Some(Fault::Kill(point)) if word == point.word() => {
                let Some(mut engine) = engines.remove(&number) else {
                    continue;
                };
                let _span = info_span!("killed, and another started").entered();
                engine.kill();
                next += 1;
                engines.insert(next, start(next)?);
            }
            Some(Fault::Broker) => {
                let _span = info_span!("broker killed and started").entered();
                let restarted = yard.broker.borrow_mut().restart();
                restarted.map_err(Error::at("the broker"))?;
            }
            _ => continue,
        }
        plan.next();
    }
    Ok(())
}
// ANCHOR_END: lead

pub fn main() -> ExitCode {
    match Yard::open(&[]).and_then(|yard| through_faults(&yard)) {
        Ok(endings) => {
            for (word, count) in endings {
                println!("{count} {word}");
            }
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}
