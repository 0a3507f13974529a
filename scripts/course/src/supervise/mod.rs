//! `course supervise`: runs one program for a page, within limits, and leaves nothing of it behind.
//!
//! It is a process of its own, between the server and the program. The system hands it the orphans
//! of whatever it started, and when the server is gone, however it went, standard input ends here
//! and with it the program. On standard output it says what a page is told, a JSON object a line.

#[cfg_attr(target_os = "linux", path = "linux.rs")]
#[cfg_attr(all(unix, not(target_os = "linux")), path = "unix.rs")]
#[cfg_attr(windows, path = "windows.rs")]
mod family;
mod measurement;
mod output;
mod stop;

use std::io;
use std::process::{Child, ChildStderr, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::command_line::Supervise;
use family::Family;
pub use family::adopt_orphans;
pub use measurement::measure_for_page;
use output::Output;
pub use output::say;
pub use stop::Stop;

/// How often memory and processes are looked at.
const TICK: Duration = Duration::from_millis(20);
/// What the program started and did not wait for may end by itself within this time.
const GRACE: Duration = Duration::from_millis(200);
/// For what was written last to arrive, after everybody who could write is gone.
const LAST_WORDS: Duration = Duration::from_secs(2);
/// A page shows this much of a run, in bytes.
pub const MOST_OUTPUT: usize = 1 << 20;
/// How many processes a run may consist of.
pub const MOST_PROCESSES: usize = 64;

/// What of the limits this system does not enforce; named when the server starts.
pub fn unenforced() -> Option<&'static str> {
    family::unenforced()
}

/// This program again, to be told by the end of its standard input that it is time to stop, and to tell
/// on standard output.
pub fn this_program() -> Result<Command> {
    // Also when this program was compiled again since it started.
    let this = if cfg!(target_os = "linux") {
        "/proc/self/exe".into()
    } else {
        std::env::current_exe().context("the path of this program")?
    };
    let mut command = Command::new(this);
    command.stdin(Stdio::piped()).stdout(Stdio::piped());
    // Ctrl-C in the terminal is for the process that started it, which ends this in its own time.
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    Ok(command)
}

/// Ends who is still there below this process, after giving it time to end by itself, and collects all.
/// Says how many were ended. For a process that waits for none of its children.
pub fn end_orphans() -> usize {
    Family::default().end(GRACE)
}

/// What the run consists of at one moment.
struct Census {
    processes: usize,
    /// Resident memory of all of them, in bytes.
    memory: u64,
}

/// Standard output and standard error of the program.
type Pipes = (ChildStdout, ChildStderr);

fn pipes_of(child: &mut Child) -> io::Result<Pipes> {
    child.stdout.take().zip(child.stderr.take()).ok_or_else(|| io::Error::other("it has no pipes"))
}

/// What is told to the thread that watches.
enum Event {
    /// Nobody wants the run any more.
    StandardInputEnded,
    /// More output than a page shows.
    Flooded,
    /// One of the two output pipes ended.
    PipeEnded,
}

/// Why the run is over.
enum Ending {
    Ended(ExitStatus),
    Stopped,
    TooLong,
    Flooded,
    TooMuchMemory,
    TooManyProcesses,
}

/// Runs the program and says how it ended; that it failed is no error.
///
/// # Errors
/// Where the system refuses to tell what the program does.
pub fn supervise(options: &Supervise) -> io::Result<()> {
    let mut family = Family::new(options.memory << 20)?;
    let mut command = Command::new(&options.program);
    command.args(&options.arguments).stdin(Stdio::null());
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let (stdout, stderr) = match family.start(&mut command) {
        Ok(pipes) => pipes,
        Err(why) => {
            say(&json!({ "ended": format!("could not be started: {why}"), "how": "failure" }));
            return Ok(());
        }
    };
    let (tell, events) = channel();
    let output = Arc::new(Output::new(MOST_OUTPUT));
    output.clone().forward(stdout, "out", tell.clone());
    output.clone().forward(stderr, "err", tell.clone());
    let mut open = 2;
    end_with_standard_input(tell);
    let ending = watch(&mut family, options, &events, &mut open)?;
    let left = family.end(if matches!(ending, Ending::Ended(_)) { GRACE } else { Duration::ZERO });
    hear_last_words(&events, open);
    let ending = if output.flooded() { Ending::Flooded } else { ending };
    let mut ended = json!({ "ended": sentence(&ending, options, left), "how": how(&ending) });
    if options.exact {
        ended["exactly"] = json!(Exactly::of(&ending, left));
    }
    say(&ended);
    Ok(())
}

/// Reports the end of standard input from a thread of its own, which ends with this process.
fn end_with_standard_input(tell: Sender<Event>) {
    // Nobody listens when the run is over.
    at_end_of_standard_input(move || drop(tell.send(Event::StandardInputEnded)));
}

pub fn at_end_of_standard_input(act: impl FnOnce() + Send + 'static) {
    thread::spawn(move || {
        let _ = io::copy(&mut io::stdin().lock(), &mut io::sink()); // an error is an end, too
        act();
    });
}

/// Watches until the program ends or has to.
fn watch(
    family: &mut Family,
    options: &Supervise,
    events: &Receiver<Event>,
    open: &mut usize,
) -> io::Result<Ending> {
    let deadline = Instant::now() + Duration::from_secs(options.seconds);
    loop {
        match events.recv_timeout(TICK) {
            Ok(Event::StandardInputEnded) => return Ok(Ending::Stopped),
            Ok(Event::Flooded) => return Ok(Ending::Flooded),
            Ok(Event::PipeEnded) => *open -= 1,
            Err(RecvTimeoutError::Timeout) => {}
            // All who could tell have told: only the clock is left.
            Err(RecvTimeoutError::Disconnected) => thread::park_timeout(TICK),
        }
        if let Some(status) = family.ended()? {
            return Ok(Ending::Ended(status));
        }
        if Instant::now() >= deadline {
            return Ok(Ending::TooLong);
        }
        if let Some(census) = family.census() {
            if census.processes > MOST_PROCESSES {
                return Ok(Ending::TooManyProcesses);
            }
            if census.memory > options.memory << 20 {
                return Ok(Ending::TooMuchMemory);
            }
        }
    }
}

/// Waits until both pipes are read to their ends. They end with the last process that holds them.
fn hear_last_words(events: &Receiver<Event>, mut open: usize) {
    let until = Instant::now() + LAST_WORDS;
    while open > 0 {
        match events.recv_timeout(until.saturating_duration_since(Instant::now())) {
            Ok(Event::PipeEnded) => open -= 1,
            Ok(_) => {}
            Err(_) => return,
        }
    }
}

/// How it ended, for a process that judges it.
#[derive(Debug, Deserialize, Serialize)]
pub struct Exactly {
    /// Its exit status; `None` where a signal or a limit ended it.
    pub code: Option<i32>,
    /// The limit at which it was stopped.
    pub limit: Option<Limit>,
    /// How many processes it left behind; they were stopped.
    pub left: usize,
}

#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
pub enum Limit {
    Time,
    Output,
    Memory,
    Processes,
}

impl Exactly {
    fn of(ending: &Ending, left: usize) -> Exactly {
        let (code, limit) = match ending {
            Ending::Ended(status) => (status.code(), None),
            Ending::Stopped => (None, None),
            Ending::TooLong => (None, Some(Limit::Time)),
            Ending::Flooded => (None, Some(Limit::Output)),
            Ending::TooMuchMemory => (None, Some(Limit::Memory)),
            Ending::TooManyProcesses => (None, Some(Limit::Processes)),
        };
        Exactly { code, limit, left }
    }
}

/// The word that pages go by.
fn how(ending: &Ending) -> &'static str {
    match ending {
        Ending::Ended(status) if status.success() => "success",
        Ending::Ended(_) => "failure",
        Ending::Stopped => "stopped",
        _ => "limit",
    }
}

/// How it ended, for people.
fn sentence(ending: &Ending, options: &Supervise, left: usize) -> String {
    match ending {
        Ending::Ended(status) => format!("{}{}", described(*status), left_behind(left)),
        Ending::Stopped => "stopped".into(),
        Ending::TooLong => {
            format!("stopped after {} s, the longest that a page lets it run", options.seconds)
        }
        Ending::Flooded => {
            format!("stopped after {} MiB of output, the most that a page shows", MOST_OUTPUT >> 20)
        }
        Ending::TooMuchMemory => {
            format!("stopped at {} MiB of memory, the most that a page lets it use", options.memory)
        }
        Ending::TooManyProcesses => {
            format!("stopped at {MOST_PROCESSES} processes, the most that a page lets it start")
        }
    }
}

fn described(status: ExitStatus) -> String {
    match status.code() {
        // The standard library's; see std::process::Termination.
        Some(101) => "exit status 101: it panicked".into(),
        Some(code) => format!("exit status {code}"),
        None => format!("ended by {status}"),
    }
}

fn left_behind(left: usize) -> String {
    match left {
        0 => String::new(),
        1 => "; a process that it left behind was stopped".into(),
        n => format!("; {n} processes that it left behind were stopped"),
    }
}
