//! `course supervise`: runs one program for a page, within limits, and leaves nothing of it behind.
//!
//! It is a process of its own, between the server and the program. The system hands it the orphans
//! of whatever it started, and when the server is gone, however it went, standard input ends here
//! and with it the program. On standard output it says what a page is told, a JSON object a line.

mod measurement;
mod output;
mod stop;

use std::io;
use std::process::{Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result};
use lab::process::{Census, Ending, GRACE, Limits, Reach, Tree};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::command_line::Supervise;
pub(crate) use measurement::measure_for_page;
pub(crate) use output::say;
use output::{Output, forward};
pub(crate) use stop::Stop;

/// A page shows this much of a run, in bytes.
pub(crate) const MOST_OUTPUT: usize = 1 << 20;
/// How many processes a run may consist of.
pub(crate) const MOST_PROCESSES: usize = 64;

/// This program again, to be told by the end of its standard input that it is time to stop, and to tell
/// on standard output.
///
/// # Errors
/// Where the system does not tell this program's path.
pub(crate) fn this_program() -> Result<Command> {
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

/// Runs the program and says how it ended; that it failed is no error.
///
/// # Errors
/// Where the system refuses to tell what the program does.
pub(crate) fn supervise(options: &Supervise) -> io::Result<()> {
    let mut command = Command::new(&options.program);
    command.args(&options.arguments).stdin(Stdio::null());
    let limits = Limits {
        time: Duration::from_secs(options.seconds),
        most: Some(Census { processes: MOST_PROCESSES, memory: options.memory << 20 }),
        linger: Duration::ZERO,
        grace: GRACE,
    };
    let output = Arc::new(Output::new(MOST_OUTPUT));
    let (stdout, stderr) = (forward(&output, "out"), forward(&output, "err"));
    let tree = match Tree::start(command, Reach::Descendants, limits, stdout, stderr) {
        Ok(tree) => tree,
        Err(why) => {
            say(&json!({ "ended": format!("could not be started: {why}"), "how": "failure" }));
            return Ok(());
        }
    };
    let stopper = tree.stopper();
    at_end_of_standard_input(move || stopper.stop());
    let outcome = tree.watch(&AtomicBool::new(false))?;
    let (ending, left) = (outcome.ending, outcome.left);
    let mut ended = json!({ "ended": sentence(&ending, options, left), "how": how(&ending) });
    if options.exact {
        ended["exactly"] = json!(Exactly::new(&ending, left));
    }
    say(&ended);
    Ok(())
}

/// Acts when standard input has ended, on a thread of its own, which ends with this process.
pub(crate) fn at_end_of_standard_input(act: impl FnOnce() + Send + 'static) {
    thread::spawn(move || {
        let _ = io::copy(&mut io::stdin().lock(), &mut io::sink()); // an error is an end, too
        act();
    });
}

/// How it ended, for a process that judges it.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct Exactly {
    /// Its exit status; `None` where a signal or a limit ended it.
    pub code: Option<i32>,
    /// The limit at which it was stopped.
    pub limit: Option<Limit>,
    /// How many processes it left behind; they were stopped.
    pub left: usize,
}

/// What a run may use only so much of.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
pub(crate) enum Limit {
    /// Seconds from its start.
    Time,
    /// Bytes that it writes.
    Output,
    /// Bytes that all of its processes use at one moment.
    Memory,
    /// How many processes it consists of at one moment.
    Processes,
}

impl Exactly {
    fn new(ending: &Ending, left: usize) -> Exactly {
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
