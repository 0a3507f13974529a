//! # Close it cleanly
//!
//! 20 minutes
//!
//! A `Recorder` owns a thread that writes down what it is sent. Any number of
//! `Pen`s write to it. `close` has to do three things: after it, each `write` is
//! refused with `Err(Closed)`; everything that was written before it arrives,
//! whatever the text of the line; and it returns when the thread has ended, with
//! the lines in their order. Until `close` is called, the recorder stays open,
//! even if no pen writes for a long time.
//!
//! The starter waits for the thread, and the thread waits for the pens: as long
//! as one pen is forgotten in a pocket, `close` does not return.
//!
//! Hint: The end has to travel through the channel itself, behind everything
//! that was written before. What happens to a `send` when the receiver is gone?

use std::sync::mpsc::{self, Sender};
use std::thread::{self, JoinHandle};

pub enum Message {
    Line(String),
    /// Nothing counts that comes after this. (The starter never sends it.)
    Close,
}

/// Writes to a recorder.
#[derive(Clone)]
pub struct Pen {
    pub to_recorder: Sender<Message>,
}

/// The recorder took it no more.
#[derive(Debug, PartialEq, Eq)]
pub struct Closed;

impl Pen {
    pub fn write(&self, line: &str) -> Result<(), Closed> {
        let message = Message::Line(line.to_string());
        self.to_recorder.send(message).map_err(|_| Closed)
    }
}

/// A thread that writes down what the pens send.
pub struct Recorder {
    pub to_recorder: Sender<Message>,
    pub thread: JoinHandle<Vec<String>>,
}

impl Recorder {
    pub fn pen(&self) -> Pen {
        Pen { to_recorder: self.to_recorder.clone() }
    }
}

pub mod starter {
    use super::*;

    /// Starts the thread.
    pub fn open() -> Recorder {
        let (to_recorder, messages) = mpsc::channel();
        let thread = thread::spawn(move || {
            let mut lines = Vec::new();
            for message in messages {
                if let Message::Line(line) = message {
                    lines.push(line);
                }
            }
            lines
        });
        Recorder { to_recorder, thread }
    }

    /// Ends the thread, and returns what was written before.
    pub fn close(recorder: Recorder) -> Vec<String> {
        drop(recorder.to_recorder);
        recorder.thread.join().expect("writing does not panic")
    }
}

pub mod solution {
    use super::*;

    /// Starts the thread.
    pub fn open() -> Recorder {
        let (to_recorder, messages) = mpsc::channel();
        let thread = thread::spawn(move || {
            let mut lines = Vec::new();
            for message in messages {
                match message {
                    Message::Line(line) => lines.push(line),
                    // To leave drops the receiver: from here on every `send`
                    // fails, and that is how the pens learn it.
                    Message::Close => break,
                }
            }
            lines
        });
        Recorder { to_recorder, thread }
    }

    /// Ends the thread, and returns what was written before.
    pub fn close(recorder: Recorder) -> Vec<String> {
        // A queue keeps its order: all that was sent before this is received
        // before this. Should the thread have ended, there is nothing to end.
        // A line that a pen sends just now can come behind it and be lost, though
        // its `write` said `Ok`: whoever must know has to ask for a reply.
        let _ = recorder.to_recorder.send(Message::Close);
        recorder.thread.join().expect("writing does not panic")
    }
}

/// Your thread stops writing down when `Close` arrives, but reads on until the
/// last pen is gone. A pen in a pocket still keeps the thread, and `close` with
/// it; and a line that comes later is accepted and lost.
///
/// Caught by `a_pen_in_a_pocket_does_not_hold_up_the_end`.
pub mod wrong_reads_on_after_the_end {
    pub use super::solution::close;
    use super::*;

    pub fn open() -> Recorder {
        let (to_recorder, messages) = mpsc::channel();
        let thread = thread::spawn(move || {
            let (mut lines, mut closed) = (Vec::new(), false);
            for message in messages {
                match message {
                    Message::Line(line) if !closed => lines.push(line),
                    Message::Line(_) => {}
                    Message::Close => closed = true,
                }
            }
            lines
        });
        Recorder { to_recorder, thread }
    }
}

/// You take a silence for the end: when no line has come for a while, the
/// thread returns. `close` does not hang any more, but a pen that pauses to
/// think is refused by a recorder that no one has closed.
///
/// Caught by `a_pause_is_not_the_end`.
pub mod wrong_ends_in_a_silence {
    use super::*;
    use std::time::Duration;

    pub fn open() -> Recorder {
        let (to_recorder, messages) = mpsc::channel();
        let thread = thread::spawn(move || {
            let mut lines = Vec::new();
            let silence = Duration::from_millis(50);
            while let Ok(Message::Line(line)) = messages.recv_timeout(silence) {
                lines.push(line);
            }
            lines
        });
        Recorder { to_recorder, thread }
    }

    pub fn close(recorder: Recorder) -> Vec<String> {
        drop(recorder.to_recorder);
        recorder.thread.join().expect("writing does not panic")
    }
}

/// Your thread ends with the first line that is empty, and `close` sends one.
/// It looks like a message that no pen would send, until one leaves a line
/// free: then the thread ends, and the rest is lost.
///
/// Caught by `everything_that_was_written_before_is_there_in_order`.
pub mod wrong_an_empty_line_is_the_end {
    use super::*;

    pub fn open() -> Recorder {
        let (to_recorder, messages) = mpsc::channel();
        let thread = thread::spawn(move || {
            let mut lines = Vec::new();
            for message in messages {
                match message {
                    Message::Line(line) if line.is_empty() => break,
                    Message::Line(line) => lines.push(line),
                    Message::Close => {}
                }
            }
            lines
        });
        Recorder { to_recorder, thread }
    }

    pub fn close(recorder: Recorder) -> Vec<String> {
        let _ = recorder.to_recorder.send(Message::Line(String::new()));
        recorder.thread.join().expect("writing does not panic")
    }
}

/// You give the receiver to a second thread when `Close` arrives, so that no
/// `send` fails. Each later `write` says `Ok`, and what it wrote is thrown
/// away: the pens never learn that the recorder is closed.
///
/// Caught by `a_write_after_the_end_is_refused`.
pub mod wrong_swallows_what_comes_later {
    pub use super::solution::close;
    use super::*;

    pub fn open() -> Recorder {
        let (to_recorder, messages) = mpsc::channel();
        let thread = thread::spawn(move || {
            let mut lines = Vec::new();
            while let Ok(Message::Line(line)) = messages.recv() {
                lines.push(line);
            }
            thread::spawn(move || messages.into_iter().for_each(drop));
            lines
        });
        Recorder { to_recorder, thread }
    }
}

#[cfg(test)]
mod tests {
    use super::solution::*;
    use super::*;
    use std::sync::mpsc::RecvTimeoutError;
    use std::time::Duration;

    /// What the recorder wrote; a message if it hangs.
    fn closed(recorder: Recorder) -> Vec<String> {
        let (done, lines) = mpsc::channel();
        thread::spawn(move || done.send(close(recorder)));
        lines.recv_timeout(Duration::from_secs(5)).unwrap_or_else(|error| {
            match error {
                RecvTimeoutError::Timeout => panic!(
                    "`close` did not return: the thread still waits for a pen"
                ),
                RecvTimeoutError::Disconnected => panic!("`close` panicked"),
            }
        })
    }

    #[test]
    fn everything_that_was_written_before_is_there_in_order() {
        let recorder = open();
        let pen = recorder.pen();
        let text = |number: i32| match number {
            7 => String::new(), // a line that is left free
            number => number.to_string(),
        };
        for number in 0..1_000 {
            let written = pen.write(&text(number));
            assert!(
                written.is_ok(),
                "line {number} was refused before the end"
            );
        }
        drop(pen);
        let lines = closed(recorder);
        let count = lines.len();
        assert_eq!(count, 1_000, "of 1000 lines {count} were written down");
        let in_order = lines.iter().zip(0..).all(|(line, n)| *line == text(n));
        assert!(
            in_order,
            "the lines are not those that were written, in order"
        );
    }

    #[test]
    fn a_pen_in_a_pocket_does_not_hold_up_the_end() {
        let recorder = open();
        let (pen, forgotten) = (recorder.pen(), recorder.pen());
        pen.write("one").unwrap();
        assert_eq!(closed(recorder), ["one"]);
        drop(forgotten);
    }

    #[test]
    fn a_write_after_the_end_is_refused() {
        let recorder = open();
        let pen = recorder.pen();
        pen.write("one").unwrap();
        assert_eq!(closed(recorder), ["one"]);
        assert_eq!(
            pen.write("two"),
            Err(Closed),
            "the recorder is closed, and `write` said that all is well"
        );
    }

    #[test]
    fn a_pause_is_not_the_end() {
        let recorder = open();
        let pen = recorder.pen();
        pen.write("one").unwrap();
        // This sleep is the pause.
        thread::sleep(Duration::from_millis(500));
        let after = pen.write("two");
        assert!(
            after.is_ok(),
            "no one has closed the recorder, and after a pause it refused a line"
        );
        drop(pen);
        assert_eq!(closed(recorder), ["one", "two"]);
    }

    #[test]
    fn all_that_two_pens_have_written_arrives() {
        let recorder = open();
        thread::scope(|scope| {
            for name in ["a", "b"] {
                let pen = recorder.pen();
                scope.spawn(move || {
                    (0..100).for_each(|_| pen.write(name).expect("open"));
                });
            }
        });
        let lines = closed(recorder);
        for name in ["a", "b"] {
            let of_one = lines.iter().filter(|line| *line == name).count();
            assert_eq!(of_one, 100, "of what pen {name} has written");
        }
    }
}
