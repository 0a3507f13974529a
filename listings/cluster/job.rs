//! What engines can be asked to do, and the process that does it.
//!
//! Runs locally only: it starts processes.

use std::env;
use std::io::{self, BufRead, Write};
use std::panic;
use std::process::{self, ExitCode, ExitStatus, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use faer::Mat;
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

use crate::data_parallelism::eigenvalues::{entry, largest};

// ANCHOR: job
/// Everything that can be asked for. What arrives is looked up here, and never
/// run as code.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Job {
    /// The largest eigenvalue of a random matrix. Its number says which one:
    /// whoever knows the number can make the matrix.
    Eigenvalue {
        size: usize,
        number: usize,
    },
    Sleep {
        milliseconds: u64,
    },
    Nothing,
    Fail,
    Panic,
    Crash,
    Endless,
}

/// What became of a job: a number, or the reason why there is none.
pub type Outcome = Result<f64, String>;

impl Job {
    pub fn run(&self) -> Outcome {
        match *self {
            Job::Eigenvalue { size, number } => eigenvalue(size, number),
            Job::Sleep { milliseconds } => {
                thread::sleep(Duration::from_millis(milliseconds));
                Ok(0.0)
            }
            Job::Nothing => Ok(0.0),
            Job::Fail => Err("it fails, as it was asked to".into()),
            Job::Panic => panic!("it panics, as it was asked to"),
            Job::Crash => process::abort(),
            Job::Endless => loop {
                thread::park();
            },
        }
    }
}
// ANCHOR_END: job

/// Larger ones would not fit the memory of a small machine.
const LARGEST: usize = 4_000;

// ANCHOR: eigenvalue
fn eigenvalue(size: usize, number: usize) -> Outcome {
    if size > LARGEST {
        return Err(format!("{size} rows are more than {LARGEST}"));
    }
    let row_of = |row| number.wrapping_mul(size).wrapping_add(row);
    let matrix = Mat::from_fn(size, size, |row, column| {
        entry((row_of(row).wrapping_mul(size).wrapping_add(column)) as u64)
    });
    largest(&matrix).map_err(|error| format!("{error:?}"))
}
// ANCHOR_END: eigenvalue

// ANCHOR: work
/// What a worker process does: a line with a job comes in, a line with its
/// outcome goes out. It ends with its input, even in the middle of a job.
pub fn work() -> ExitCode {
    let (sender, jobs) = mpsc::channel();
    thread::spawn(move || {
        for line in io::stdin().lock().lines().map_while(Result::ok) {
            let _ = sender.send(line); // else it is about to end
        }
        process::exit(1);
    });
    panic::set_hook(Box::new(|_| {})); // it is the outcome, and printed there
    for line in jobs.iter().take_while(|line| line != END) {
        let outcome = match serde_json::from_str::<Job>(&line) {
            Ok(job) => panic::catch_unwind(|| job.run())
                .unwrap_or_else(|panic| Err(message_of(&*panic))),
            Err(error) => Err(format!("no such job: {error}")),
        };
        let text = serde_json::to_string(&outcome);
        let printed = text.map(|text| writeln!(io::stdout(), "{text}"));
        if !matches!(printed, Ok(Ok(()))) {
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}
// ANCHOR_END: work

/// What tells a worker that no job will follow.
const END: &str = "end";
const END_LINE: &[u8] = b"end\n";

fn message_of(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| text.to_string());
    let text = text.or_else(|| panic.downcast_ref::<String>().cloned());
    format!("panicked: {}", text.unwrap_or_else(|| "without words".into()))
}

/// The process of an engine that runs its jobs, and is replaced if it has to be.
#[derive(Default)]
pub struct Worker {
    process: Option<Running>,
}

struct Running {
    process: Child,
    to: ChildStdin,
    from: Lines<BufReader<ChildStdout>>,
}

// ANCHOR: do
impl Worker {
    /// Has the job done within the limit. A process that crashed or takes longer
    /// is killed, and the next job gets a new one.
    pub async fn run(&mut self, job: &Job, limit: Duration) -> Outcome {
        let mut running = match self.process.take() {
            Some(running) => running,
            None => Running::start().map_err(|e| format!("no worker: {e}"))?,
        };
        match tokio::time::timeout(limit, running.ask(job)).await {
            Ok(Ok(outcome)) => {
                self.process = Some(running);
                outcome
            }
            Ok(Err(_)) => Err(format!("its process {}", running.end().await)),
            Err(_) => {
                running.end().await;
                Err(format!("took longer than {} s", limit.as_secs_f64()))
            }
        }
    }
}
// ANCHOR_END: do

impl Worker {
    /// Tells the process to end, and waits until it has.
    pub async fn end(&mut self) {
        if let Some(mut running) = self.process.take() {
            let _ = running.to.write_all(END_LINE).await; // it ends anyway
            drop(running.to);
            let _ = running.process.wait().await;
        }
    }
}

impl Running {
    fn start() -> io::Result<Running> {
        let mut process = Command::new(env::current_exe()?)
            .arg("cluster-worker")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        match (process.stdin.take(), process.stdout.take()) {
            (Some(to), Some(from)) => {
                let from = BufReader::new(from).lines();
                Ok(Running { process, to, from })
            }
            _ => Err(io::Error::other("the system made no pipes")),
        }
    }

    async fn ask(&mut self, job: &Job) -> io::Result<Outcome> {
        let line = serde_json::to_string(job)? + "\n";
        self.to.write_all(line.as_bytes()).await?;
        let line = self.from.next_line().await?;
        let line = line.ok_or(io::ErrorKind::UnexpectedEof)?;
        Ok(serde_json::from_str(&line)?)
    }

    /// Kills the process; says how it ended.
    async fn end(&mut self) -> String {
        // It had a moment to end by itself if its output has ended.
        let by_itself = Duration::from_millis(200);
        let ended = tokio::time::timeout(by_itself, self.process.wait()).await;
        let ended = match ended {
            Ok(ended) => ended,
            Err(_) => {
                let _ = self.process.start_kill(); // it can be gone already
                self.process.wait().await
            }
        };
        let words = |status: ExitStatus| format!("ended with {status}");
        ended.map_or_else(|error| error.to_string(), words)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_is_the_same_after_it_was_sent() {
        let job = Job::Eigenvalue { size: 3, number: 1 };
        let text = serde_json::to_string(&job).unwrap();
        assert_eq!(text, r#"{"Eigenvalue":{"size":3,"number":1}}"#);
        assert_eq!(serde_json::from_str::<Job>(&text).unwrap(), job);
    }

    #[test]
    fn what_is_not_in_the_list_is_no_job() {
        for text in ["\"Format\"", "{\"Run\":\"rm\"}", "", "[]", "null"] {
            assert!(serde_json::from_str::<Job>(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_number_names_the_matrix_that_chapter_11_makes() {
        use crate::data_parallelism::eigenvalues::{Matrices, sequential};
        let expected = sequential(&Matrices::new(12, 3)).unwrap();
        for (number, expected) in expected.into_iter().enumerate() {
            let job = Job::Eigenvalue { size: 12, number };
            assert_eq!(job.run(), Ok(expected));
        }
    }

    #[test]
    fn an_unreasonable_job_is_refused() {
        let job = Job::Eigenvalue { size: 1 << 40, number: usize::MAX };
        assert!(job.run().unwrap_err().contains("more than 4000"));
    }
}
