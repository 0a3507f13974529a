// A journal that is closed while others write to it.
//
// Checked by shuttle, which includes this file and runs every order of its
// steps.
//
// Runs on the Playground.

use std::sync::{Mutex, MutexGuard};
use std::thread;

// ANCHOR: journal
/// Shared by all who write. Whether it is open is part of what is guarded.
pub struct Journal {
    /// `None` once it is closed.
    lines: Mutex<Option<Vec<String>>>,
}

#[derive(Debug, PartialEq, Eq)]
pub struct Closed;

impl Journal {
    pub fn open() -> Journal {
        Journal { lines: Mutex::new(Some(Vec::new())) }
    }

    pub fn write(&self, line: &str) -> Result<(), Closed> {
        let mut lines = self.lock();
        lines.as_mut().ok_or(Closed)?.push(line.into());
        Ok(())
    }

    /// Nothing is written after this. Returns what was.
    pub fn close(&self) -> Result<Vec<String>, Closed> {
        self.lock().take().ok_or(Closed)
    }

    fn lock(&self) -> MutexGuard<'_, Option<Vec<String>>> {
        self.lines.lock().expect("nobody panics over a line")
    }
}
// ANCHOR_END: journal

// ANCHOR: race
/// Two write a line each while a third closes. Returns what was accepted, and
/// what the journal holds.
pub fn write_and_close() -> (usize, Vec<String>) {
    let journal = Journal::open();
    thread::scope(|scope| {
        let writers = ["one", "two"]
            .map(|line| scope.spawn(|| journal.write(line).is_ok()));
        let lines = journal.close().unwrap_or_default();
        let accepted = writers
            .into_iter()
            .filter_map(|writer| writer.join().ok())
            .filter(|accepted| *accepted)
            .count();
        (accepted, lines)
    })
}
// ANCHOR_END: race

// ANCHOR: main
pub fn main() {
    let journal = Journal::open();
    println!("written: {:?}", journal.write("opened at nine"));
    println!("closed with: {:?}", journal.close());
    println!("written: {:?}", journal.write("one line more"));
}
// ANCHOR_END: main

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_accepted_is_what_the_journal_holds() {
        for _ in 0..500 {
            let (accepted, lines) = write_and_close();
            assert_eq!(accepted, lines.len());
        }
    }

    #[test]
    fn a_closed_journal_refuses_and_says_so() {
        let journal = Journal::open();
        assert_eq!(journal.write("one"), Ok(()));
        assert_eq!(journal.close(), Ok(vec!["one".to_string()]));
        assert_eq!(journal.write("two"), Err(Closed));
        assert_eq!(journal.close(), Err(Closed));
    }
}
