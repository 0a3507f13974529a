//! A conversation with another program over pipes, and how it gets stuck.
//!
//! Pipes belong to the system, where no model checker looks. The tests run both
//! forms; and shuttle explores a model of them, in which each pipe is a channel
//! with little room.
//!
//! Runs locally only: it starts processes.

use std::env;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::panic;
use std::process::{
    Child, ChildStdin, ChildStdout, Command, ExitCode, ExitStatus, Stdio,
};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::mpsc;
use std::thread::{self, ScopedJoinHandle};
use std::time::Duration;

use crate::corpus;

// ANCHOR: shout
/// What the other program does: each line it reads, it writes in capitals.
pub fn shout() -> ExitCode {
    let (input, mut output) = (io::stdin().lock(), io::stdout().lock());
    for line in input.lines() {
        let done = line.and_then(|line| {
            writeln!(output, "{}", line.to_uppercase())?;
            output.flush() // or the answer stays here
        });
        if done.is_err() {
            return ExitCode::FAILURE; // nobody reads what it writes
        }
    }
    ExitCode::SUCCESS
}
// ANCHOR_END: shout

// ANCHOR: ask
/// A program that answers each line with a line.
pub struct Filter {
    process: Child,
    to: ChildStdin,
    from: BufReader<ChildStdout>,
}

impl Filter {
    /// One line there, one line back.
    pub fn ask(&mut self, line: &str) -> io::Result<String> {
        writeln!(self.to, "{line}")?;
        let mut answer = String::new();
        if self.from.read_line(&mut answer)? == 0 {
            return Err(io::Error::other("it ended and did not answer"));
        }
        Ok(answer.trim_end().to_string())
    }

    /// The end of its input is the end of the program.
    pub fn end(mut self) -> io::Result<ExitStatus> {
        drop(self.to);
        self.process.wait()
    }
}
// ANCHOR_END: ask

// ANCHOR: start
impl Filter {
    pub fn start(program: &mut Command) -> io::Result<Filter> {
        let (process, to, from) = start(program)?;
        Ok(Filter { process, to, from: BufReader::new(from) })
    }
}

/// Starts a program with a pipe to its input and one from its output.
fn start(
    program: &mut Command,
) -> io::Result<(Child, ChildStdin, ChildStdout)> {
    let mut process =
        program.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
    match (process.stdin.take(), process.stdout.take()) {
        (Some(to), Some(from)) => Ok((process, to, from)),
        _ => Err(io::Error::other("the system made no pipes")),
    }
}
// ANCHOR_END: start

// ANCHOR: write_then_read
/// Writes everything, then reads everything.
pub fn write_then_read(
    text: &str,
    mut to: impl Write,
    mut from: impl Read,
) -> io::Result<String> {
    to.write_all(text.as_bytes())?;
    drop(to); // the end of the program's input
    let mut answer = String::new();
    from.read_to_string(&mut answer)?;
    Ok(answer)
}
// ANCHOR_END: write_then_read

// ANCHOR: both_ways
/// Writes in a thread, and reads meanwhile.
pub fn both_ways(
    text: &str,
    mut to: impl Write + Send,
    mut from: impl Read,
) -> io::Result<String> {
    thread::scope(|scope| {
        // `move` gives the pipe to the thread: it is closed when that ends.
        let writer = scope.spawn(move || to.write_all(text.as_bytes()));
        let mut answer = String::new();
        from.read_to_string(&mut answer)?;
        result_of(writer)?;
        Ok(answer)
    })
}
// ANCHOR_END: both_ways

/// Waits until a thread is done. Had it panicked, its panic goes on here.
fn result_of<T>(thread: ScopedJoinHandle<'_, T>) -> T {
    match thread.join() {
        Ok(result) => result,
        Err(panic) => panic::resume_unwind(panic),
    }
}

// ANCHOR: within
/// The answer of `write_then_read`; or, when there is none by then, how many
/// bytes it had written when the program was killed.
pub fn within(
    limit: Duration,
    text: &str,
    program: &mut Command,
) -> io::Result<Result<String, usize>> {
    let (mut process, to, from) = start(program)?;
    let written = AtomicUsize::new(0);
    let to = Counting { to, written: &written };
    let (tell, told) = mpsc::channel();
    thread::scope(|scope| {
        scope.spawn(move || tell.send(write_then_read(text, to, from)));
        let answer = told.recv_timeout(limit);
        if answer.is_err() {
            process.kill()?; // now the write fails, and its thread ends
        }
        process.wait()?;
        match answer {
            Ok(answer) => Ok(Ok(answer?)),
            Err(_) => Ok(Err(written.load(Relaxed))),
        }
    })
}
// ANCHOR_END: within

/// Counts the bytes that went into a pipe, a kilobyte at a time.
struct Counting<'a, W> {
    to: W,
    written: &'a AtomicUsize,
}

impl<W: Write> Write for Counting<'_, W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let piece = &bytes[..bytes.len().min(1_024)];
        let count = self.to.write(piece)?;
        self.written.fetch_add(count, Relaxed);
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
    }
}

// ANCHOR: main
pub fn main() -> io::Result<()> {
    let mut filter = Filter::start(&mut this_program()?)?;
    for line in ["open the door", "who is there?"] {
        println!("{line} -> {}", filter.ask(line)?);
    }
    println!("the filter's end: {}", filter.end()?);

    let text = long_text();
    let short = text.find("\n\n").map_or(0, |end| end + 1);
    for text in [&text[..short], &text] {
        print!("write {} bytes, then read: ", text.len());
        match within(Duration::from_secs(1), text, &mut this_program()?)? {
            Ok(answer) => println!("{} bytes came back", answer.len()),
            Err(written) => println!("stuck after {written} bytes"),
        }
    }
    let (mut process, to, from) = start(&mut this_program()?)?;
    let answer = both_ways(&text, to, from)?;
    process.wait()?;
    println!("write and read: {} bytes came back", answer.len());
    Ok(())
}
// ANCHOR_END: main

/// The tales, again and again, one megabyte of them.
fn long_text() -> String {
    let tales: String = corpus::tales()
        .into_iter()
        .map(|tale| tale.text)
        .filter(|text| text.is_ascii())
        .collect();
    let mut text = tales.repeat(1_000_000 / tales.len().max(1) + 1);
    text.truncate(999_999);
    text.push('\n');
    text
}

/// This program once more, as the filter.
fn this_program() -> io::Result<Command> {
    let mut program = Command::new(env::current_exe()?);
    program.arg("shout");
    Ok(program)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A filter in a thread of this process, at the ends of two pipes.
    fn filter() -> (io::PipeWriter, io::PipeReader) {
        let (mut input, to) = io::pipe().unwrap();
        let (from, mut output) = io::pipe().unwrap();
        thread::spawn(move || {
            let mut piece = [0; 4_096];
            while let Ok(count @ 1..) = input.read(&mut piece) {
                piece[..count].make_ascii_uppercase();
                if output.write_all(&piece[..count]).is_err() {
                    return;
                }
            }
        });
        (to, from)
    }

    #[test]
    fn a_long_text_comes_back_whole_when_it_is_read_meanwhile() {
        let text = long_text();
        let (to, from) = filter();
        let answer = both_ways(&text, to, from).unwrap();
        assert!(answer == text.to_ascii_uppercase());
    }

    #[test]
    fn a_short_text_can_be_written_first() {
        let (to, from) = filter();
        assert_eq!(write_then_read("rope\n", to, from).unwrap(), "ROPE\n");
    }

    #[test]
    fn a_long_text_written_first_fills_both_pipes_and_stays_there() {
        let text = long_text();
        let written = AtomicUsize::new(0);
        let (to, from) = filter();
        let to = Counting { to, written: &written };
        // The reading end is kept, and read by nobody while this writes.
        let stuck = thread::scope(|scope| {
            let (tell, told) = mpsc::channel();
            let (mut to, text) = (to, text.as_bytes());
            scope.spawn(move || {
                let _ = to.write_all(text); // fails in the end
                let _ = tell.send(()); // nobody listens then
            });
            let stuck = told.recv_timeout(Duration::from_millis(300)).is_err();
            drop(from); // the filter fails, and its input with it
            stuck
        });
        assert!(stuck, "the system's pipes hold a megabyte");
        assert!(written.load(Relaxed) < text.len());
    }
}
