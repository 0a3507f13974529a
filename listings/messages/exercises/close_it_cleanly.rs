//! # Close it cleanly
//!
//! 20 minutes
//!
//! A `Recorder` owns a thread that writes down what it is sent. Any number of
//! `Pen`s write to it. `close` has to do three things: let nobody write after
//! it, let everything arrive that was written before it, and return when the
//! thread has ended, with what was written.
//!
//! The starter waits for the thread, and the thread waits for the pens: as long
//! as anybody keeps a pen in a pocket, `close` does not return.
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
        lines.recv_timeout(Duration::from_secs(10)).unwrap_or_else(|error| {
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
        for number in 0..1_000 {
            pen.write(&number.to_string()).unwrap();
        }
        drop(pen);
        let lines = closed(recorder);
        assert_eq!(lines.len(), 1_000);
        assert!(lines.iter().zip(0..).all(|(line, n)| *line == n.to_string()));
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
    fn whoever_writes_after_the_end_is_told() {
        let recorder = open();
        let pen = recorder.pen();
        pen.write("one").unwrap();
        assert_eq!(closed(recorder), ["one"]);
        assert_eq!(pen.write("two"), Err(Closed));
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
