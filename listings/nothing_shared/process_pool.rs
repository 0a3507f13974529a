//! A pool of processes: jobs go in as lines of JSON, results come back the same
//! way.
//!
//! The workers share one atomic number, the next job to be taken: the same as
//! in the pool of threads, and shuttle explores that. What goes on between the
//! processes is run by the tests.
//!
//! Runs locally only: it starts processes.

use std::env;
use std::fmt;
use std::io::{self, BufRead, BufReader, Write};
use std::panic;
use std::process::{Child, ChildStdin, ChildStdout, Command, ExitCode, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::thread::{self, ScopedJoinHandle};

use serde::{Deserialize, Serialize};

// ANCHOR: job
/// Work that can be named. A closure cannot be sent; this can.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Job {
    /// How many primes there are from the first number to before the second.
    CountPrimes { from: u32, to: u32 },
    /// What a bug, a full memory or a broken library does to a process.
    Crash,
}

impl Job {
    pub fn run(&self) -> u32 {
        match *self {
            Job::CountPrimes { from, to } => {
                (from..to).filter(|&number| is_prime(number)).count() as u32
            }
            Job::Crash => std::process::abort(),
        }
    }
}
// ANCHOR_END: job

fn is_prime(number: u32) -> bool {
    let mut divisors = (2..).take_while(|d| d * d <= number);
    number >= 2 && divisors.all(|divisor| !number.is_multiple_of(divisor))
}

// ANCHOR: pool
/// Each worker takes the next job as soon as it is done with its last. The
/// results stand in the order of the jobs.
pub fn run_all(
    jobs: &[Job],
    workers: usize,
    program: impl Fn() -> io::Result<Command> + Sync,
) -> Vec<Result<u32, Lost>> {
    let taken = AtomicUsize::new(0);
    let converse = || {
        let mut worker = None;
        let mut results = Vec::new();
        loop {
            let number = taken.fetch_add(1, Relaxed);
            let Some(job) = jobs.get(number) else { return results };
            results.push((number, ask(&mut worker, job, &program)));
        }
    };
    thread::scope(|scope| {
        let conversations: Vec<_> =
            (0..workers).map(|_| scope.spawn(converse)).collect();
        let mut results: Vec<_> =
            conversations.into_iter().flat_map(result_of).collect();
        results.sort_by_key(|&(number, _)| number);
        results.into_iter().map(|(_, result)| result).collect()
    })
}
// ANCHOR_END: pool

// ANCHOR: ask
/// Has a worker do the job. One that is lost is replaced at the next job.
fn ask(
    worker: &mut Option<Worker>,
    job: &Job,
    program: impl Fn() -> io::Result<Command>,
) -> Result<u32, Lost> {
    let mut at_work = match worker.take() {
        Some(worker) => worker,
        None => program().and_then(Worker::start).map_err(Lost::Starting)?,
    };
    match at_work.ask(job) {
        Ok(result) => {
            *worker = Some(at_work);
            Ok(result)
        }
        Err(reason) => Err(at_work.lost(reason)),
    }
}
// ANCHOR_END: ask

/// Why there is no result.
#[derive(Debug)]
pub enum Lost {
    Starting(io::Error),
    /// How the worker ended, if it did, and what its pipe said.
    Worker {
        ended: String,
        reason: io::Error,
    },
}

impl fmt::Display for Lost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Lost::Starting(reason) => write!(f, "starting a worker: {reason}"),
            Lost::Worker { ended, reason } => {
                write!(f, "{reason}; the worker ended with {ended}")
            }
        }
    }
}

impl std::error::Error for Lost {}

// ANCHOR: worker
/// A process that works, and the pipes to it.
struct Worker {
    process: Child,
    /// `None` when it has been told to end.
    to: Option<ChildStdin>,
    from: BufReader<ChildStdout>,
}

impl Worker {
    /// A job there, a result back; each is a line of JSON.
    fn ask(&mut self, job: &Job) -> io::Result<u32> {
        if let Some(to) = &mut self.to {
            writeln!(to, "{}", serde_json::to_string(job)?)?;
        }
        let mut line = String::new();
        if self.from.read_line(&mut line)? == 0 {
            return Err(io::Error::other("no result"));
        }
        Ok(serde_json::from_str(&line)?)
    }
}

impl Drop for Worker {
    /// The end of its input is the end of a worker.
    fn drop(&mut self) {
        drop(self.to.take());
        let _ = self.process.wait(); // it is gone or has been lost before
    }
}
// ANCHOR_END: worker

impl Worker {
    fn start(mut program: Command) -> io::Result<Worker> {
        let mut process =
            program.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let to = process.stdin.take();
        match process.stdout.take() {
            Some(from) => {
                Ok(Worker { process, to, from: BufReader::new(from) })
            }
            None => Err(io::Error::other("the system made no pipes")),
        }
    }

    fn lost(mut self, reason: io::Error) -> Lost {
        let _ = self.process.kill(); // it can be gone already
        let ended = match self.process.wait() {
            Ok(status) => status.to_string(),
            Err(unknown) => unknown.to_string(),
        };
        Lost::Worker { ended, reason }
    }
}

// ANCHOR: work
/// What a worker process does until its input ends.
pub fn work() -> ExitCode {
    let (input, mut output) = (io::stdin().lock(), io::stdout().lock());
    for line in input.lines() {
        let done = line.and_then(|line| {
            let job: Job = serde_json::from_str(&line)?;
            writeln!(output, "{}", serde_json::to_string(&job.run())?)
        });
        if let Err(error) = done {
            eprintln!("error: a worker process: {error}");
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}
// ANCHOR_END: work

/// Waits until a thread is done. Had it panicked, its panic goes on here.
fn result_of<T>(thread: ScopedJoinHandle<'_, T>) -> T {
    match thread.join() {
        Ok(result) => result,
        Err(panic) => panic::resume_unwind(panic),
    }
}

// ANCHOR: main
pub fn main() {
    let primes = |from, to| Job::CountPrimes { from, to };
    let jobs = [
        primes(0, 50_000),
        primes(50_000, 100_000),
        Job::Crash,
        primes(100_000, 150_000),
        primes(150_000, 200_000),
    ];
    for (job, result) in jobs.iter().zip(run_all(&jobs, 2, this_program)) {
        let job = serde_json::to_string(job).unwrap_or_default();
        match result {
            Ok(count) => println!("{job}: {count}"),
            Err(lost) => println!("{job}: {lost}"),
        }
    }
}

/// This program once more, as a worker.
fn this_program() -> io::Result<Command> {
    let mut program = Command::new(env::current_exe()?);
    program.arg("pool-worker");
    Ok(program)
}
// ANCHOR_END: main

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn primes_are_counted() {
        assert_eq!(Job::CountPrimes { from: 0, to: 100 }.run(), 25);
        assert_eq!(Job::CountPrimes { from: 24, to: 29 }.run(), 0);
    }

    #[test]
    fn a_job_is_the_same_after_it_was_sent() {
        let line = serde_json::to_string(&Job::CountPrimes { from: 3, to: 9 })
            .unwrap();
        assert_eq!(line, r#"{"CountPrimes":{"from":3,"to":9}}"#);
        assert_eq!(serde_json::from_str::<Job>(&line).unwrap().run(), 3);
    }

    #[test]
    fn each_job_says_that_there_is_no_such_program() {
        let nobody = || Ok(Command::new("no-such-program"));
        let results = run_all(&[Job::Crash, Job::Crash], 2, nobody);
        assert_eq!(results.len(), 2);
        for result in results {
            assert!(matches!(result, Err(Lost::Starting(_))));
        }
    }

    #[test]
    fn a_worker_that_ends_without_a_result_is_an_error() {
        // The test program lists its tests, whatever it is asked, and ends.
        let lists = || {
            let mut program = Command::new(env::current_exe()?);
            program.args(["--list", "no test has this name"]);
            Ok(program)
        };
        let results = run_all(&[Job::CountPrimes { from: 0, to: 9 }], 1, lists);
        assert!(matches!(results[0], Err(Lost::Worker { .. })), "{results:?}");
    }
}
