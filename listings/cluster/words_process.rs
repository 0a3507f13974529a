//! One of the processes of a dataflow, and the program that starts and ends
//! them.
//!
//! Runs locally only: it starts processes, and opens sockets.

use std::env;
use std::io::{self, BufRead, BufReader, BufWriter, Read, Write};
use std::net::TcpListener;
use std::panic;
use std::path::Path;
use std::process::{self, Child, ChildStdin, ChildStdout, Command};
use std::process::{ExitCode, Stdio};
use std::sync::Mutex;
use std::sync::mpsc::{self, Receiver};
use std::thread;

use timely::communication::allocator::ProcessBuilder;
use timely::communication::allocator::zero_copy::initialize::initialize_networking_from_sockets as network;
use timely::communication::{AllocatorBuilder, Hooks};

use crate::cluster::cluster_words::{Counts, Options, Sent, Share};
use crate::cluster::cluster_words::{Workers, ranked};
use crate::cluster::hosts::{self, Error};

/// The role of a process that this program starts.
pub const ROLE: &str = "words-process";
const HALF: &str = "half";
const END: &str = "end";

// ANCHOR: join
/// This process's workers, connected with those of all the others.
fn join(
    hosts: &[String],
    listener: TcpListener,
    options: &Options,
    before: impl Fn(usize) + Send + Sync + 'static,
) -> Result<Workers, Error> {
    let (me, here) = (options.process, options.workers);
    let key = key(options, hosts.len());
    let streams = hosts::connect(hosts, me, listener, key)?;
    let hooks = Hooks::default();
    let local =
        ProcessBuilder::new_typed_vector(here, hooks.refill.clone(), None);
    let (workers, guard) = network(local, streams, me, here, hooks)
        .map_err(Error::at("the network"))?;
    let workers = workers.into_iter().map(AllocatorBuilder::Tcp).collect();
    let share = Share { here, all: hosts.len() * here };
    let (text, sent) = (options.text, Sent::Counted);
    Workers::start(workers, Box::new(guard), text, share, sent, before)
}
// ANCHOR_END: join

/// What all processes of one count have in common.
fn key(options: &Options, processes: usize) -> u64 {
    let text = options.text;
    [text.seed, text.words as u64, options.workers as u64, processes as u64]
        .into_iter()
        .fold(VERSION, |key, part| {
            (key ^ part).wrapping_mul(0x0100_0000_01b3).rotate_left(29)
        })
}

/// Another number where processes would not understand each other.
const VERSION: u64 = 1;

// ANCHOR: fate
/// When another process is gone, timely panics in the thread that has the
/// connection to it. That is the end of this process, too.
fn share_one_fate(me: usize) {
    panic::set_hook(Box::new(move |panic| {
        let why = panic.payload_as_str().unwrap_or("without words");
        eprintln!("process {me}: {why}");
        process::exit(1)
    }));
}
// ANCHOR_END: fate

/// The part of one process, started by hand: it listens where its line of the
/// hosts says.
pub fn by_hand(path: &Path, options: &Options) -> Result<(), Error> {
    let hosts = hosts::read(path)?;
    let me = options.process;
    let host = hosts.get(me).ok_or_else(|| {
        let shown = path.display();
        Error::Usage(format!("{shown} has no line for process {me}"))
    })?;
    let listener = TcpListener::bind(host).map_err(Error::at(host))?;
    share_one_fate(me);
    println!("process {me} of {} is at {host}", hosts.len());
    let counts = join(&hosts, listener, options, |_| {})?.run()?;
    println!("process {me} keeps {}", shown(&counts));
    Ok(())
}

/// How many words they are, and the most frequent ones.
pub fn shown(counts: &Counts) -> String {
    let most: Vec<String> = ranked(counts)
        .iter()
        .take(3)
        .map(|(word, count)| format!("{word} {count}"))
        .collect();
    format!("{} words: {}, …", counts.len(), most.join(", "))
}

/// A process that this program has started. It says its address, is told
/// those of all, says when it is ready, and is told when to begin. It ends with
/// its input.
pub fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(2).collect();
    match Options::parse(&arguments).and_then(|options| take_part(&options)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn take_part(options: &Options) -> Result<(), Error> {
    share_one_fate(options.process);
    let told = until_the_input_ends();
    let listener = TcpListener::bind("127.0.0.1:0")
        .map_err(Error::at("a port of this machine"))?;
    let address = listener.local_addr().map_err(Error::at("a port"))?;
    say(&address.to_string())?;
    let hosts: Vec<String> =
        told.iter().take_while(|line| !line.is_empty()).collect();
    let hosts = hosts::parse(&hosts.join("\n"))?;

    let all = hosts.len() * options.workers;
    let halts = options.kill == Some(options.process);
    let half = options.text.blocks() / all / 2;
    let said = Mutex::new(());
    let workers = join(&hosts, listener, options, move |block| {
        if halts && block == half {
            let _one = said.lock();
            let _ = say(HALF); // else nobody is there to kill it
            loop {
                thread::park();
            }
        }
    })?;
    say("ready")?;
    if told.recv().is_err() {
        return Ok(()); // it is about to end
    }
    let counts = workers.run()?;
    let mut output = BufWriter::new(io::stdout().lock());
    for (word, count) in &counts {
        writeln!(output, "{word} {count}").map_err(Error::at("the pipe"))?;
    }
    writeln!(output, "{END}").map_err(Error::at("the pipe"))?;
    output.flush().map_err(Error::at("the pipe"))
}

/// The lines of the standard input. At its end the program that started this
/// one is gone, and so is this one.
fn until_the_input_ends() -> Receiver<String> {
    let (sender, told) = mpsc::channel();
    thread::spawn(move || {
        for line in io::stdin().lock().lines().map_while(Result::ok) {
            let _ = sender.send(line); // else it is about to end
        }
        process::exit(1);
    });
    told
}

fn say(line: &str) -> Result<(), Error> {
    writeln!(io::stdout(), "{line}").map_err(Error::at("the pipe"))
}

// ANCHOR: processes
/// Processes of this machine that count together.
pub struct Processes {
    all: Vec<Process>,
    kill: Option<usize>,
}

impl Processes {
    /// Returns when all are connected and have their text.
    pub fn start(
        options: &Options,
        kill: Option<usize>,
    ) -> Result<Processes, Error> {
        let mut processes = Processes { all: Vec::new(), kill };
        for number in 0..options.processes {
            processes.all.push(Process::start(options, number, kill)?);
        }
        let mut hosts = String::new();
        for number in 0..options.processes {
            hosts += &processes.hear(number)?;
            hosts += "\n";
        }
        for process in &mut processes.all {
            process.tell(&hosts); // with an empty line after the last one
        }
        for number in 0..options.processes {
            processes.hear(number)?;
        }
        Ok(processes)
    }

    /// What each of them keeps. If one is gone, all are.
    pub fn run(mut self) -> Result<Vec<Counts>, Error> {
        for process in &mut self.all {
            process.tell("begin");
        }
        if let Some(number) = self.kill {
            while self.hear(number)? != HALF {}
            let _ = self.all[number].process.kill(); // it can be gone already
        }
        (0..self.all.len()).map(|number| self.counts_of(number)).collect()
    }
}
// ANCHOR_END: processes

impl Processes {
    fn counts_of(&mut self, number: usize) -> Result<Counts, Error> {
        let mut counts = Counts::new();
        loop {
            let line = self.hear(number)?;
            if line == END {
                return Ok(counts);
            }
            let pair = line.split_once(' ');
            let pair = pair.and_then(|(word, count)| {
                Some((word.to_string(), count.parse().ok()?))
            });
            let wrong = || Error::new(format!("process {number}"), &line);
            let (word, count) = pair.ok_or_else(wrong)?;
            counts.insert(word, count);
        }
    }

    /// The next line of a process; if there is none, how all of them ended.
    fn hear(&mut self, number: usize) -> Result<String, Error> {
        let mut line = String::new();
        match self.all[number].from.read_line(&mut line) {
            Ok(1..) => Ok(line.trim_end().into()),
            _ => Err(self.fate()),
        }
    }

    /// Waits until all are gone: those that do not see it by themselves end
    /// with their input.
    fn fate(&mut self) -> Error {
        let mut lines = Vec::new();
        for (number, process) in self.all.iter_mut().enumerate() {
            let (status, said) = process.end();
            let said = said.trim_end().lines().last().unwrap_or_default();
            lines.push(format!("process {number} ended with {status}"));
            if !said.is_empty() {
                lines.push(format!("  {said}"));
            }
        }
        Error::new("no counts", format!("\n{}", lines.join("\n")))
    }
}

struct Process {
    process: Child,
    to: Option<ChildStdin>,
    from: BufReader<ChildStdout>,
}

impl Process {
    fn start(
        options: &Options,
        number: usize,
        kill: Option<usize>,
    ) -> Result<Process, Error> {
        let program = env::current_exe().map_err(Error::at("this program"))?;
        let mut command = Command::new(program);
        command.arg(ROLE);
        let mut option = |name: &str, value: u64| {
            command.args([name, &value.to_string()]);
        };
        option("--words", options.text.words as u64);
        option("--seed", options.text.seed);
        option("--workers", options.workers as u64);
        option("--processes", options.processes as u64);
        option("--process", number as u64);
        if let Some(number) = kill {
            option("--kill", number as u64);
        }
        let mut process = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(Error::at("starting a process"))?;
        let to = process.stdin.take();
        let from = process.stdout.take().map(BufReader::new);
        let from = from.ok_or_else(|| Error::new("a process", "no pipe"))?;
        Ok(Process { process, to, from })
    }

    /// If it is gone, the next line that is missing tells.
    fn tell(&mut self, line: &str) {
        if let Some(to) = &mut self.to {
            let _ = writeln!(to, "{line}");
        }
    }

    /// How it ended, and what it said.
    fn end(&mut self) -> (String, String) {
        drop(self.to.take());
        let _ = io::copy(&mut self.from, &mut io::sink());
        let status = match self.process.wait() {
            Ok(status) => status.to_string(),
            Err(why) => why.to_string(),
        };
        let mut said = String::new();
        if let Some(mut errors) = self.process.stderr.take() {
            let _ = errors.read_to_string(&mut said); // what there is of it
        }
        (status, said)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.end();
    }
}
