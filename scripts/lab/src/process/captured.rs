//! A command run to its end, with what it printed.

use std::error::Error;
use std::fmt;
use std::io;
use std::process::{Command, ExitStatus, Stdio};
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::{Ending, Limits, Reach, Sink, Tree};

/// The most that each of the two pipes may bring, in bytes. A sample with ten thousands of latencies is a few
/// hundred kilobytes.
const OUTPUT_LIMIT: usize = 64 << 20;
/// How long what a process started may hold its output open after its own end.
const LINGER_LIMIT: Duration = Duration::from_secs(2);
/// How much of the end of stderr a message shows.
const SHOWN_LINES: usize = 12;

/// What a process left behind that ended, or was stopped at the limit of its time.
#[derive(Clone, Debug)]
pub struct Finished {
    /// What it wrote to standard output, at most 64 MiB.
    pub stdout: Vec<u8>,
    /// What it wrote to standard error, at most 64 MiB.
    pub stderr: Vec<u8>,
    /// `None` when it was stopped at the time limit.
    pub status: Option<ExitStatus>,
}

/// Why a run was cut short, or is worth nothing.
#[derive(Debug)]
pub enum Cut {
    /// Stopped from outside; nothing is wrong.
    Stopped,
    /// It printed more than 64 MiB, and was stopped.
    Flooded,
    /// It ended, and what it started held its output open.
    LeftBehind {
        /// It left the group and still runs.
        escaped: bool,
    },
    /// It could not be started, or not be watched.
    Io(io::Error),
}

impl fmt::Display for Cut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Cut::Stopped => f.write_str("stopped"),
            Cut::Flooded => {
                write!(f, "printed more than {} MiB and was stopped", OUTPUT_LIMIT >> 20)
            }
            Cut::LeftBehind { escaped } => {
                let fate = if *escaped {
                    "it left the group and could not be stopped"
                } else {
                    "it was stopped"
                };
                write!(f, "ended and left a process behind that holds its output open; {fate}")
            }
            Cut::Io(error) => error.fmt(f),
        }
    }
}

impl Error for Cut {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Cut::Io(error) => error.source(), // its own words are this error's
            _ => None,
        }
    }
}

/// Runs a command to its end, with limits on time and output; its whole group is ended with it, or at a limit.
/// Its standard input is a pipe that ends when it is over.
///
/// # Errors
/// Where there is a [`Cut`]. That it failed, or took longer than the limit, is none.
pub fn finish(mut command: Command, limit: Duration, stop: &AtomicBool) -> Result<Finished, Cut> {
    command.stdin(Stdio::piped());
    let program = command.get_program().display().to_string();
    let limits = Limits { time: limit, most: None, linger: LINGER_LIMIT, grace: Duration::ZERO };
    let (stdout, stderr) = (Captured::default(), Captured::default());
    let tree = Tree::start(command, Reach::Group, limits, stdout.clone(), stderr.clone());
    let tree =
        tree.map_err(|error| Cut::Io(io::Error::new(error.kind(), format!("{program}: {error}"))))?;
    let outcome = tree.watch(stop).map_err(Cut::Io)?;
    let status = match outcome.ending {
        Ending::Stopped => return Err(Cut::Stopped),
        Ending::Flooded => return Err(Cut::Flooded),
        Ending::Ended(_) if outcome.held => {
            return Err(Cut::LeftBehind { escaped: outcome.escaped });
        }
        Ending::Ended(status) => Some(status),
        Ending::TooLong | Ending::TooMuchMemory | Ending::TooManyProcesses => None,
    };
    Ok(Finished { stdout: stdout.bytes(), stderr: stderr.bytes(), status })
}

/// What came out of a pipe until now.
#[derive(Clone, Default)]
struct Captured(Arc<Mutex<Vec<u8>>>);

impl Captured {
    fn lock(&self) -> MutexGuard<'_, Vec<u8>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn bytes(&self) -> Vec<u8> {
        std::mem::take(&mut *self.lock())
    }
}

impl Sink for Captured {
    fn take(&mut self, bytes: &[u8]) -> bool {
        let mut all = self.lock();
        all.extend_from_slice(bytes);
        all.len() <= OUTPUT_LIMIT
    }
}

/// The end of what a program wrote to stderr, indented, for a message.
pub fn shown_end(stderr: &[u8]) -> String {
    let text = String::from_utf8_lossy(stderr);
    let lines: Vec<&str> = text.lines().collect();
    if lines.is_empty() {
        return " and wrote nothing to stderr".into();
    }
    let skipped = lines.len().saturating_sub(SHOWN_LINES);
    let mut shown = String::from("; the end of its stderr:");
    for line in &lines[skipped..] {
        shown.push_str("\n    ");
        shown.extend(line.chars().take(300));
    }
    shown
}
