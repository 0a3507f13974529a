//! One loop without an end, run five ways. Which of them can be stopped?
//!
//! The only thing that is shared is a count and a flag, each an atomic that
//! stands alone: no order of them matters, and so there is nothing for a model
//! checker. That the others go on is seen by watching them count.
//!
//! Runs locally only: it starts a process.

use std::env;
use std::hint;
use std::io::{self, Write};
use std::process::{Command, ExitCode, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::thread;

use tokio::runtime;
use tokio::task;

// ANCHOR: endless
/// Counts, and does nothing else. There is no way out of it.
fn endless(count: &AtomicU64) -> ! {
    loop {
        count.fetch_add(1, Relaxed);
    }
}

/// The same, with a point at which a task lets go of its thread.
async fn endless_with_await(count: &AtomicU64) {
    loop {
        count.fetch_add(1, Relaxed);
        task::yield_now().await;
    }
}

/// The same, but it looks whether it should go on.
fn until_told(count: &AtomicU64, stop: &AtomicBool) {
    while !stop.load(Relaxed) {
        count.fetch_add(1, Relaxed);
    }
}
// ANCHOR_END: endless

/// What became of the loop.
#[derive(Debug, PartialEq, Eq)]
pub enum Seen {
    /// It counted on after it was to stop.
    CountsOn,
    /// It is gone; how that was learned.
    Ended(String),
}

// ANCHOR: thread
/// There is nothing to call: a handle can be joined, or dropped.
pub fn as_thread(count: &Arc<AtomicU64>) -> Seen {
    let counting = Arc::clone(count);
    let thread = thread::spawn(move || endless(&counting));
    wait_for_a_count(count);
    drop(thread); // lets go of the thread; that is all
    wait_for_a_count(count);
    Seen::CountsOn
}
// ANCHOR_END: thread

// ANCHOR: task
/// `abort` takes effect at the next await. This loop has none.
pub fn as_task(count: &Arc<AtomicU64>) -> io::Result<Seen> {
    let workers = runtime::Builder::new_multi_thread().build()?;
    let counting = Arc::clone(count);
    let task = workers.spawn(async move { endless(&counting) });
    wait_for_a_count(count);
    task.abort();
    wait_for_a_count(count);
    workers.shutdown_background(); // a plain drop would wait for the loop
    Ok(Seen::CountsOn)
}
// ANCHOR_END: task

// ANCHOR: task_that_awaits
pub fn as_task_that_awaits(count: &Arc<AtomicU64>) -> io::Result<Seen> {
    let workers = runtime::Builder::new_multi_thread().build()?;
    let counting = Arc::clone(count);
    let task =
        workers.spawn(async move { endless_with_await(&counting).await });
    wait_for_a_count(count);
    task.abort();
    Ok(match workers.block_on(task) {
        Err(ended) if ended.is_cancelled() => {
            Seen::Ended("dropped at an await".into())
        }
        other => Seen::Ended(format!("{other:?}")),
    })
}
// ANCHOR_END: task_that_awaits

// ANCHOR: process
/// `program` runs `counter`, below.
pub fn as_process(program: &mut Command) -> io::Result<Seen> {
    let mut process = program.stdout(Stdio::piped()).spawn()?;
    let first = process.stdout.as_mut().map(|output| {
        io::Read::read_exact(output, &mut [0]) // it counts
    });
    process.kill()?;
    let status = process.wait()?;
    first.unwrap_or(Ok(()))?;
    Ok(Seen::Ended(status.to_string()))
}

/// What the process does: says that it counts, and counts.
pub fn counter() -> ExitCode {
    let count = Arc::new(AtomicU64::new(0));
    let counting = Arc::clone(&count);
    thread::spawn(move || end_with_the_input(&counting));
    // If nobody reads this, the input has ended too.
    let _ = writeln!(io::stdout(), "counting");
    endless(&count)
}
// ANCHOR_END: process

/// Ends this process when nobody is left who could stop it.
fn end_with_the_input(count: &AtomicU64) {
    // An error is an end too.
    let _ = io::copy(&mut io::stdin().lock(), &mut io::sink());
    std::process::exit(i32::from(count.load(Relaxed) == 0));
}

// ANCHOR: thread_that_asks
pub fn as_thread_that_asks(count: &Arc<AtomicU64>) -> Seen {
    let stop = Arc::new(AtomicBool::new(false));
    let (counting, told) = (Arc::clone(count), Arc::clone(&stop));
    let thread = thread::spawn(move || until_told(&counting, &told));
    wait_for_a_count(count);
    stop.store(true, Relaxed);
    match thread.join() {
        Ok(()) => Seen::Ended("returned, since it was asked to".into()),
        Err(_) => Seen::Ended("panicked".into()),
    }
}
// ANCHOR_END: thread_that_asks

/// Returns when somebody has counted since.
fn wait_for_a_count(count: &AtomicU64) {
    let before = count.load(Relaxed);
    while count.load(Relaxed) == before {
        hint::spin_loop();
        thread::yield_now();
    }
}

// ANCHOR: main
pub fn main() -> io::Result<()> {
    let count = || Arc::new(AtomicU64::new(0));
    report("a thread", "dropped", as_thread(&count()));
    report("a task", "aborted", as_task(&count())?);
    report("a task that awaits", "aborted", as_task_that_awaits(&count())?);
    let mut program = Command::new(env::current_exe()?);
    program.arg("counter").stdin(Stdio::piped());
    report("a process", "killed", as_process(&mut program)?);
    report("a thread that asks", "told", as_thread_that_asks(&count()));
    Ok(())
}

fn report(what: &str, how: &str, seen: Seen) {
    let seen = match seen {
        Seen::CountsOn => "counts on, and will until main ends".into(),
        Seen::Ended(how) => format!("ended: {how}"),
    };
    println!("{what:20} {how:8} {seen}");
}
// ANCHOR_END: main

#[cfg(test)]
mod tests {
    use super::*;

    // The forms that cannot be stopped would count to the end of all the tests:
    // they are run in the example, which ends.

    #[test]
    fn a_task_that_awaits_is_dropped_there() {
        let seen = as_task_that_awaits(&Arc::new(AtomicU64::new(0)));
        assert_eq!(seen.unwrap(), Seen::Ended("dropped at an await".into()));
    }

    #[test]
    fn a_thread_that_asks_returns() {
        let seen = as_thread_that_asks(&Arc::new(AtomicU64::new(0)));
        let returned = Seen::Ended("returned, since it was asked to".into());
        assert_eq!(seen, returned);
    }
}
