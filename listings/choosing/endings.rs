//! A panic, an abort, an exit and a kill: what ends, who is told, what is
//! dropped, and what goes on.
//!
//! The threads and tasks share nothing, and each is joined: there is no order
//! of steps to explore.
//!
//! Runs locally only: it starts itself again, once for each ending.

use std::env;
use std::future;
use std::io::{self, BufRead, BufReader, Read};
use std::process::{self, Child, Command, ExitCode, Stdio};
use std::thread;

use tokio::runtime;
use tokio::sync::oneshot;

/// The role in which this program starts itself again.
pub const ROLE: &str = "one-ending";

// ANCHOR: endings
/// Stands for what has to be let go: a lock, a connection, a temporary file.
struct Held(&'static str);

impl Drop for Held {
    fn drop(&mut self) {
        println!("{} lets go", self.0);
    }
}

fn thread_panics() -> String {
    let thread = thread::spawn(|| {
        let _held = Held("the thread");
        panic!("the oven is cold");
    });
    let ended = thread.join().map(|()| "returned").map_err(|_| "panicked");
    format!("join() says {ended:?}")
}

async fn task_panics() -> String {
    let task = tokio::spawn(async {
        let _held = Held("the task");
        panic!("the oven is cold");
    });
    let ended = task.await.map_err(|error| error.is_panic());
    format!(".await says {ended:?}: a panic")
}

async fn task_is_aborted() -> String {
    let (begin, begun) = oneshot::channel();
    let task = tokio::spawn(async {
        let _held = Held("the task");
        begin.send(()).expect("the other end waits");
        future::pending::<()>().await
    });
    begun.await.expect("the task begins");
    task.abort();
    let ended = task.await.map_err(|error| error.is_cancelled());
    format!(".await says {ended:?}: canceled")
}

fn process_aborts() -> String {
    let thread = thread::spawn(|| {
        let _held = Held("the thread");
        process::abort()
    });
    let _: Result<(), _> = thread.join();
    "never reached".into()
}

fn process_exits() -> String {
    let _held = Held("the function");
    process::exit(3)
}
// ANCHOR_END: endings

/// Waits to be killed, and ends by itself where nobody is left to do so.
fn is_killed() -> String {
    let _held = Held("the function");
    println!("ready");
    let _ = io::stdin().read(&mut [0]); // an error is an end too
    "nobody killed it".into()
}

// ANCHOR: process
const ENDINGS: [&str; 6] = [
    "a thread panics",
    "a task panics",
    "a task is aborted",
    "the process aborts",
    "the process exits",
    "the process is killed",
];

/// What each process does: `one-ending NAME`.
pub fn one() -> ExitCode {
    let runtime = runtime::Builder::new_current_thread().build();
    let runtime = runtime.expect("a runtime without a clock starts");
    let _held = Held("main");
    let told = match env::args().nth(2).as_deref() {
        Some("a thread panics") => thread_panics(),
        Some("a task panics") => runtime.block_on(task_panics()),
        Some("a task is aborted") => runtime.block_on(task_is_aborted()),
        Some("the process aborts") => process_aborts(),
        Some("the process exits") => process_exits(),
        _ => is_killed(),
    };
    println!("{told}");
    ExitCode::SUCCESS
}
// ANCHOR_END: process

/// Starts one process for each ending, and says what it printed and how it
/// ended.
pub fn main() -> io::Result<()> {
    for ending in ENDINGS {
        let mut process = Command::new(env::current_exe()?)
            .args([ROLE, ending])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null()) // what panics say
            .spawn()?;
        let printed = printed(&mut process, ending)?;
        let status = process.wait()?;
        println!("{ending}");
        printed.iter().for_each(|line| println!("  {line}"));
        if !printed.iter().any(|line| line.ends_with("lets go")) {
            println!("  nothing is dropped");
        }
        match status.code() {
            Some(code) => println!("  exit code {code}"),
            None => println!("  no exit code: ended by a signal"),
        }
    }
    Ok(())
}

/// What it prints until its end; the one that waits for a kill gets it.
fn printed(process: &mut Child, ending: &str) -> io::Result<Vec<String>> {
    let Some(output) = process.stdout.take() else {
        return Err(io::Error::other("the process has no output"));
    };
    let mut lines = Vec::new();
    for line in BufReader::new(output).lines() {
        lines.push(line?);
        if ending == "the process is killed" {
            process.kill()?;
        }
    }
    Ok(lines)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_joins_is_told_of_a_panic_and_of_an_abort() {
        assert_eq!(thread_panics(), "join() says Err(\"panicked\")");
        let runtime = runtime::Builder::new_current_thread().build().unwrap();
        let told = runtime.block_on(task_panics());
        assert_eq!(told, ".await says Err(true): a panic");
        let told = runtime.block_on(task_is_aborted());
        assert_eq!(told, ".await says Err(true): canceled");
    }
}
