//! What it costs to start something that does nothing, and to wait for its end.
//!
//! Nothing is shared: there is nothing for a model checker.
//!
//! Runs locally only: it starts processes.

use std::env;
use std::io;
use std::process::{Command, ExitCode};
use std::thread;

use tokio::runtime;

/// How many of each are started: so many that it takes a moment.
pub const THREADS: usize = 2_000;
pub const TASKS: usize = 100_000;
pub const PROCESSES: usize = 200;

// ANCHOR: start
/// So many threads, one after the other; each does nothing.
pub fn threads(count: usize) -> io::Result<usize> {
    for _ in 0..count {
        let thread = thread::Builder::new().spawn(|| ())?;
        thread.join().map_err(|_| io::Error::other("an empty one panicked"))?;
    }
    Ok(count)
}

/// So many processes, one after the other; each does nothing.
pub fn processes(count: usize) -> io::Result<usize> {
    let program = env::current_exe()?;
    for _ in 0..count {
        let status = Command::new(&program).arg("nothing").status()?;
        if !status.success() {
            return Err(io::Error::other(format!("it ended with {status}")));
        }
    }
    Ok(count)
}

/// What such a process does.
pub fn nothing() -> ExitCode {
    ExitCode::SUCCESS
}
// ANCHOR_END: start

// ANCHOR: tasks
/// So many tasks, one after the other, on the one thread of a runtime that is
/// there already; each does nothing.
pub fn tasks(runtime: &runtime::Runtime, count: usize) -> io::Result<usize> {
    runtime.block_on(async {
        for _ in 0..count {
            tokio::spawn(async {}).await.map_err(io::Error::other)?;
        }
        Ok(count)
    })
}
// ANCHOR_END: tasks

// ANCHOR: main
/// Starts some of each. What it costs is for `-- measure` to say.
pub fn main() -> io::Result<()> {
    println!("{} tasks came and went", tasks(&runtime(&[])?, 20)?);
    println!("{} threads came and went", threads(20)?);
    println!("{} processes came and went", processes(20)?);
    Ok(())
}
// ANCHOR_END: main

/// Makes the runtime. With threads of its own, waking them would be measured.
pub fn runtime(_: &[String]) -> io::Result<runtime::Runtime> {
    runtime::Builder::new_current_thread().build()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_many_are_started_as_were_asked_for() {
        assert_eq!(threads(3).unwrap(), 3);
        assert_eq!(tasks(&runtime(&[]).unwrap(), 3).unwrap(), 3);
    }
}
