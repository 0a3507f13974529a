//! A neighbor that never lets go: as a thread, and as a task.
//!
//! Runs locally only: two loops have no end but that of the process.

use std::hint;
use std::io;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use tokio::{runtime, task::yield_now};

use super::one_core::hold_to_one_core;

/// How long the other one has to say something.
const PATIENCE: Duration = Duration::from_secs(1);

// ANCHOR: threads
/// A thread that computes forever. Does another one get to run?
pub fn beside_a_thread() -> Option<&'static str> {
    let (say, heard) = mpsc::channel();
    thread::spawn(|| {
        loop {
            hint::spin_loop()
        }
    });
    thread::spawn(move || say.send("here I am"));
    heard.recv_timeout(PATIENCE).ok()
}
// ANCHOR_END: threads

// ANCHOR: tasks
/// A task that computes forever, on a runtime with one thread. Does another one
/// get to run?
pub fn beside_a_task() -> Option<&'static str> {
    let (say, heard) = mpsc::channel();
    thread::spawn(move || {
        block_on(async {
            let endless = tokio::spawn(async {
                loop {
                    hint::spin_loop()
                }
            });
            tokio::spawn(async move { say.send("here I am") });
            endless.await
        })
    });
    heard.recv_timeout(PATIENCE).ok()
}
// ANCHOR_END: tasks

// ANCHOR: polite
/// The same task, but it lets go in every turn.
pub fn beside_a_polite_task() -> Option<&'static str> {
    let (say, heard) = mpsc::channel();
    thread::spawn(move || {
        block_on(async {
            let endless = tokio::spawn(async {
                loop {
                    yield_now().await
                }
            });
            tokio::spawn(async move { say.send("here I am") });
            endless.await
        })
    });
    heard.recv_timeout(PATIENCE).ok()
}
// ANCHOR_END: polite

fn block_on<T>(
    future: impl Future<Output = Result<T, tokio::task::JoinError>>,
) -> io::Result<T> {
    let one_thread = runtime::Builder::new_current_thread().build()?;
    one_thread.block_on(future).map_err(io::Error::other)
}

pub fn main() {
    if let Err(error) = hold_to_one_core() {
        println!("with all cores ({error})");
    }
    let silence = "nothing, for a second";
    let heard = [
        ("an endless thread", beside_a_thread()),
        ("an endless task", beside_a_task()),
        ("an endless task that yields", beside_a_polite_task()),
    ];
    for (neighbor, said) in heard {
        println!("beside {neighbor}: {}", said.unwrap_or(silence));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_task_that_never_yields_keeps_its_neighbor_from_running() {
        assert_eq!(beside_a_thread(), Some("here I am"));
        assert_eq!(beside_a_polite_task(), Some("here I am"));
        assert_eq!(beside_a_task(), None);
    }
}
