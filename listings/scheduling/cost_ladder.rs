//! What one more costs, from a call to a process, and what it costs to change
//! from one to another.
//!
//! Nothing is shared but pipes: there is nothing for a model checker.
//!
//! Runs locally only: it starts processes.

use std::future::{Future, pending};
use std::hint::black_box;
use std::io::{self, Read, Write};
use std::pin::{Pin, pin};
use std::process::{Command, ExitCode, Stdio};
use std::task::{Context, Waker};
use std::{env, thread};

use tokio::{runtime, task::yield_now};

use super::one_core::hold_to_one_core;
pub use crate::programs::start_cost::{nothing, processes, tasks, threads};

pub const CALLS: usize = 100_000_000;
pub const POLLS: usize = 50_000_000;
pub const TASKS: usize = 500_000;
pub const THREADS: usize = 5_000;
pub const PROCESSES: usize = 200;
pub const TASK_SWITCHES: usize = 1_000_000;
pub const SWITCHES: usize = 50_000;

// ANCHOR: call
fn one_more(count: u64) -> u64 {
    count + 1
}

/// So many calls, through a pointer that the compiler cannot see behind.
pub fn calls(wanted: usize) -> io::Result<usize> {
    let call = black_box(one_more as fn(u64) -> u64);
    let done = (0..wanted).fold(0, |count, _| call(count));
    Ok(done as usize)
}
// ANCHOR_END: call

// ANCHOR: poll
/// One future, asked so many times whether it is ready. It never is.
pub fn polls(wanted: usize) -> io::Result<usize> {
    let waiting = pin!(async { pending::<()>().await });
    let mut waiting: Pin<&mut dyn Future<Output = ()>> = black_box(waiting);
    let mut context = Context::from_waker(Waker::noop());
    let asked = (0..wanted).filter(|_| {
        let answer = waiting.as_mut().poll(&mut context);
        answer.is_pending()
    });
    Ok(asked.count())
}
// ANCHOR_END: poll

// ANCHOR: switch_tasks
/// Two tasks on one thread. At `yield_now` the other one goes on.
pub fn switch_tasks(
    runtime: &runtime::Runtime,
    switches: usize,
) -> io::Result<usize> {
    let turns = switches / 2;
    runtime.block_on(async {
        let other = tokio::spawn(take_turns(turns));
        tokio::spawn(take_turns(turns)).await.map_err(io::Error::other)?;
        other.await.map_err(io::Error::other)
    })?;
    Ok(2 * turns)
}

async fn take_turns(turns: usize) {
    for _ in 0..turns {
        yield_now().await;
    }
}
// ANCHOR_END: switch_tasks

// ANCHOR: ping_pong
/// Hits the ball first: writes a byte, and waits until it comes back.
fn ping(
    mut to: impl Write,
    mut from: impl Read,
    turns: usize,
) -> io::Result<()> {
    for _ in 0..turns {
        to.write_all(b"o")?;
        from.read_exact(&mut [0])?;
    }
    Ok(())
}

/// Sends back each byte that comes, until none will.
fn pong(mut from: impl Read, mut to: impl Write) -> io::Result<()> {
    let mut ball = [0];
    while from.read(&mut ball)? == 1 {
        to.write_all(&ball)?;
    }
    Ok(())
}
// ANCHOR_END: ping_pong

// ANCHOR: switch_threads
/// Two threads on one core: one waits for the ball while the other has it.
pub fn switch_threads(switches: usize) -> io::Result<usize> {
    hold_to_one_core()?;
    let (there, to) = io::pipe()?;
    let (from, back) = io::pipe()?;
    let other = thread::spawn(|| pong(there, back));
    ping(to, from, switches / 2)?; // drops `to`: no more balls
    other.join().map_err(|_| io::Error::other("the other one panicked"))??;
    Ok(switches)
}
// ANCHOR_END: switch_threads

// ANCHOR: switch_processes
/// The same with this program once more in place of the second thread.
pub fn switch_processes(switches: usize) -> io::Result<usize> {
    hold_to_one_core()?;
    let mut other = Command::new(env::current_exe()?)
        .arg("pong")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    let pipes = other.stdin.take().zip(other.stdout.take());
    let (to, from) = pipes.ok_or(io::ErrorKind::BrokenPipe)?;
    ping(to, from, switches / 2)?;
    other.wait()?;
    Ok(switches)
}
// ANCHOR_END: switch_processes

/// What the second process does.
pub fn other_process() -> ExitCode {
    match pong(io::stdin().lock(), Unbuffered) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

/// Standard output, where each ball is on its way at once.
struct Unbuffered;

impl Write for Unbuffered {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut out = io::stdout().lock();
        let written = out.write(bytes)?;
        out.flush()?;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The same writing and reading without a switch: one thread has both ends.
pub fn pipe_alone(switches: usize) -> io::Result<usize> {
    hold_to_one_core()?;
    let (from, to) = io::pipe()?;
    ping(to, from, switches)?;
    Ok(switches)
}

/// Takes a few of each rung. What they cost is for `-- measure` to say.
pub fn main() -> io::Result<()> {
    let runtime = runtime(&[])?;
    println!("{} calls, {} polls", calls(1_000)?, polls(1_000)?);
    println!("{} tasks came and went", tasks(&runtime, 100)?);
    println!("{} threads came and went", threads(20)?);
    println!("{} processes came and went", processes(5)?);
    println!("{} switches between tasks", switch_tasks(&runtime, 1_000)?);
    for (of, switch) in [
        ("threads", switch_threads as fn(usize) -> io::Result<usize>),
        ("processes", switch_processes),
    ] {
        match switch(1_000) {
            Ok(count) => println!("{count} switches between {of}"),
            Err(error) => println!("no switches between {of}: {error}"),
        }
    }
    Ok(())
}

/// One thread for all tasks.
pub fn runtime(_: &[String]) -> io::Result<runtime::Runtime> {
    runtime::Builder::new_current_thread().build()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_many_are_done_as_were_asked_for() {
        assert_eq!(calls(10).unwrap(), 10);
        assert_eq!(polls(10).unwrap(), 10);
        assert_eq!(switch_tasks(&runtime(&[]).unwrap(), 10).unwrap(), 10);
    }

    #[test]
    fn every_ball_comes_back_until_none_will() {
        let (there, to) = io::pipe().unwrap();
        let (from, back) = io::pipe().unwrap();
        let other = thread::spawn(|| pong(there, back));
        ping(to, from, 3).unwrap();
        other.join().unwrap().unwrap();
    }
}
