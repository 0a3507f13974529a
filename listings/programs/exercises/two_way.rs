//! # Two ways, three pipes
//!
//! 20 minutes
//!
//! `through` feeds a text to a program, and collects what comes out of its
//! output and out of its error output. It works in the first test and hangs in
//! the others: a pipe is full, and the side that should empty it waits for
//! something else. Find out which side waits for what, and repair it. Each of
//! the three ends of pipes is given by what it can do: `to` can be written, and
//! the other two can be read. In the tests the program at their other ends is a
//! thread that writes much on either output.
//!
//! Hint: Three things can wait here. How many of them can one thread do? A
//! closure that is `move` drops what it took along when it ends.

use std::io::{self, Read, Write};

/// What came out.
#[derive(Debug, Default, PartialEq)]
pub struct Said {
    pub output: Vec<u8>,
    pub errors: Vec<u8>,
}

pub mod starter {
    use super::*;

    /// Writes the whole input, and reads both outputs to their end.
    pub fn through(
        input: &[u8],
        mut to: impl Write + Send,
        mut output: impl Read + Send,
        mut errors: impl Read + Send,
    ) -> io::Result<Said> {
        let mut said = Said::default();
        to.write_all(input)?;
        drop(to); // the end of the program's input
        output.read_to_end(&mut said.output)?;
        errors.read_to_end(&mut said.errors)?;
        Ok(said)
    }
}

pub mod solution {
    use super::*;
    use std::panic;
    use std::thread;

    /// Writes the whole input, and reads both outputs to their end.
    pub fn through(
        input: &[u8],
        mut to: impl Write + Send,
        mut output: impl Read + Send,
        mut errors: impl Read + Send,
    ) -> io::Result<Said> {
        let mut said = Said::default();
        thread::scope(|scope| {
            // Each of the three can be made to wait by the program, at any time
            // and for any of the others. So each has a thread; this is one.
            let writer = scope.spawn(move || to.write_all(input));
            let of_errors = &mut said.errors;
            let reader = scope.spawn(move || errors.read_to_end(of_errors));
            output.read_to_end(&mut said.output)?;
            match (writer.join(), reader.join()) {
                (Ok(written), Ok(read)) => written.and(read.map(drop)),
                (Err(panic), _) | (_, Err(panic)) => {
                    panic::resume_unwind(panic)
                }
            }
        })?;
        Ok(said)
    }
}

/// Writes in a thread, and then reads one output after the other. A program
/// that fills the pipe of its errors before it is done waits for you to read
/// them, while you wait for the end of its output: a compiler with a long list
/// of warnings hangs, and one with a short list does not.
///
/// Caught by `a_program_that_complains_first_does_not_get_stuck`.
pub mod wrong_errors_read_last {
    use super::*;
    use std::panic;
    use std::thread;

    /// Writes the whole input, and reads both outputs to their end.
    pub fn through(
        input: &[u8],
        mut to: impl Write + Send,
        mut output: impl Read + Send,
        mut errors: impl Read + Send,
    ) -> io::Result<Said> {
        let mut said = Said::default();
        thread::scope(|scope| {
            let writer = scope.spawn(move || to.write_all(input));
            output.read_to_end(&mut said.output)?;
            errors.read_to_end(&mut said.errors)?;
            writer.join().unwrap_or_else(|panic| panic::resume_unwind(panic))
        })?;
        Ok(said)
    }
}

/// Starts the writer's thread and joins it at once, before the first byte is
/// read. A thread that you join before you go on with your own work gains
/// nothing: the writing still has to end before the reading begins, and a long
/// text hangs as it did without the thread.
///
/// Caught by `a_program_that_answers_while_it_reads_does_not_get_stuck`.
pub mod wrong_joined_at_once {
    use super::*;
    use std::panic;
    use std::thread;

    /// Writes the whole input, and reads both outputs to their end.
    pub fn through(
        input: &[u8],
        mut to: impl Write + Send,
        mut output: impl Read + Send,
        mut errors: impl Read + Send,
    ) -> io::Result<Said> {
        let mut said = Said::default();
        thread::scope(|scope| {
            let writer = scope.spawn(move || to.write_all(input));
            let written = writer.join();
            let of_errors = &mut said.errors;
            let reader = scope.spawn(move || errors.read_to_end(of_errors));
            output.read_to_end(&mut said.output)?;
            match (written, reader.join()) {
                (Ok(written), Ok(read)) => written.and(read.map(drop)),
                (Err(panic), _) | (_, Err(panic)) => {
                    panic::resume_unwind(panic)
                }
            }
        })?;
        Ok(said)
    }
}

/// Lends `to` to the writer's thread instead of moving it there, so it is
/// dropped when `through` returns. Until then the program's input has no end,
/// the program reads on, and its output has no end either: you wait for each
/// other, even with a single word.
///
/// Caught by `a_short_text_goes_through`.
pub mod wrong_input_left_open {
    use super::*;
    use std::panic;
    use std::thread;

    /// Writes the whole input, and reads both outputs to their end.
    pub fn through(
        input: &[u8],
        mut to: impl Write + Send,
        mut output: impl Read + Send,
        mut errors: impl Read + Send,
    ) -> io::Result<Said> {
        let mut said = Said::default();
        thread::scope(|scope| {
            let writer = scope.spawn(|| to.write_all(input));
            let reader = scope.spawn(|| errors.read_to_end(&mut said.errors));
            output.read_to_end(&mut said.output)?;
            match (writer.join(), reader.join()) {
                (Ok(written), Ok(read)) => written.and(read.map(drop)),
                (Err(panic), _) | (_, Err(panic)) => {
                    panic::resume_unwind(panic)
                }
            }
        })?;
        Ok(said)
    }
}

#[cfg(test)]
mod tests {
    use super::solution::*;
    use super::*;
    use std::sync::mpsc;
    use std::thread;
    use std::time::Duration;

    /// More than the pipes of any system hold.
    const MUCH: usize = 4_000_000;

    /// Runs `through` with a program at the other ends, and says what hung.
    fn with_program(
        input: Vec<u8>,
        program: impl FnOnce(io::PipeReader, io::PipeWriter, io::PipeWriter)
        + Send
        + 'static,
    ) -> Said {
        let (its_input, to) = io::pipe().unwrap();
        let (output, its_output) = io::pipe().unwrap();
        let (errors, its_errors) = io::pipe().unwrap();
        thread::spawn(move || program(its_input, its_output, its_errors));
        let (tell, told) = mpsc::channel();
        thread::spawn(move || {
            let _ = tell.send(through(&input, to, output, errors));
        });
        told.recv_timeout(Duration::from_secs(5))
            .expect(
                "`through` did not return: a pipe is full and no thread \
                 empties it, or one was never closed (is `to` dropped as soon \
                 as all is written?)",
            )
            .expect("no pipe failed")
    }

    #[test]
    fn a_short_text_goes_through() {
        let said = with_program(b"rope".into(), |mut input, mut output, _| {
            io::copy(&mut input, &mut output).unwrap();
        });
        assert_eq!(said, Said { output: b"rope".into(), errors: vec![] });
    }

    #[test]
    fn a_program_that_answers_while_it_reads_does_not_get_stuck() {
        let said = with_program(vec![7; MUCH], |mut input, mut output, _| {
            io::copy(&mut input, &mut output).unwrap();
        });
        assert!(said.output == vec![7; MUCH], "the output is another");
    }

    #[test]
    fn a_program_that_complains_first_does_not_get_stuck() {
        let said = with_program(
            b"rope".into(),
            |mut input, mut output, mut errors| {
                errors.write_all(&vec![1; MUCH]).unwrap();
                io::copy(&mut input, &mut output).unwrap();
            },
        );
        assert_eq!(said.output, b"rope");
        assert!(said.errors == vec![1; MUCH], "the errors are others");
    }

    #[test]
    fn a_program_that_reads_last_does_not_get_stuck() {
        let said =
            with_program(vec![7; MUCH], |mut input, mut output, mut errors| {
                output.write_all(&vec![2; MUCH]).unwrap();
                errors.write_all(&vec![1; MUCH]).unwrap();
                io::copy(&mut input, &mut output).unwrap();
            });
        assert_eq!((said.output.len(), said.errors.len()), (2 * MUCH, MUCH));
    }
}
