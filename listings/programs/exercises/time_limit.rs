//! # A time limit
//!
//! 30 minutes
//!
//! You start a program, and want all that it prints within a limit, or else
//! nothing. Write `output_within`. It returns `Some` with all the program
//! printed, or `None` when the limit was over first. In that case the program
//! is killed *and waited for*, so that nothing of it is left. The end of its
//! output counts as the program's end: the programs of the tests keep it open
//! until they end. One of them ends at once, one prints more than a pipe holds,
//! and one never ends, and the tests look whether that one is gone.
//!
//! Hint: `child.stdout.take()` is the end of the pipe that is yours.
//! `read_to_string` on it waits for the program's end, and so it belongs in a
//! thread. The thread sends what it has read; a channel knows
//! how to wait with a limit.

use std::io::{self, Read};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

pub mod starter {
    use super::*;

    /// All that the program prints, or `None` if it has not ended within the
    /// limit. A program that has not is killed, and is gone when this returns.
    #[allow(unused_variables)]
    pub fn output_within(
        program: &mut Command,
        limit: Duration,
    ) -> io::Result<Option<String>> {
        todo!(
            "start the program, read its output in a thread, wait for that \
             with a limit, and kill the program when the limit is over"
        )
    }
}

pub mod solution {
    use super::*;

    /// All that the program prints, or `None` if it has not ended within the
    /// limit. A program that has not is killed, and is gone when this returns.
    pub fn output_within(
        program: &mut Command,
        limit: Duration,
    ) -> io::Result<Option<String>> {
        let mut child = program.stdout(Stdio::piped()).spawn()?;
        let printed = output_of(&mut child)?;
        let answer = printed.recv_timeout(limit);
        // Not only when the limit is over: what it prints can be no text. After
        // this the pipe ends, and with it the thread that reads.
        if !matches!(answer, Ok(Ok(_))) {
            child.kill()?;
        }
        // Killed or not: until somebody waits, the system keeps its status.
        child.wait()?;
        answer.ok().transpose()
    }

    /// The thread waits as long as it takes; the channel does not have to.
    fn output_of(
        child: &mut Child,
    ) -> io::Result<mpsc::Receiver<io::Result<String>>> {
        let pipe = child.stdout.take();
        let mut pipe = pipe.ok_or_else(|| io::Error::other("no pipe"))?;
        let (tell, told) = mpsc::channel();
        thread::spawn(move || {
            let mut text = String::new();
            let read = pipe.read_to_string(&mut text);
            let _ = tell.send(read.map(|_| text)); // nobody may listen any more
        });
        Ok(told)
    }
}

/// Returns when the limit is over and counts on the dropped `Child` to end its
/// program. `Child` has no `Drop`, so the program goes on: each time-out leaves
/// one more of them behind, and the thread that reads its output with it.
///
/// Caught by `a_program_that_never_ends_is_gone_after_the_limit`.
pub mod wrong_dropped_is_not_killed {
    use super::*;

    /// All that the program prints, or `None` if it has not ended within the
    /// limit. A program that has not is killed, and is gone when this returns.
    pub fn output_within(
        program: &mut Command,
        limit: Duration,
    ) -> io::Result<Option<String>> {
        let mut child = program.stdout(Stdio::piped()).spawn()?;
        let pipe = child.stdout.take();
        let mut pipe = pipe.ok_or_else(|| io::Error::other("no pipe"))?;
        let (tell, told) = mpsc::channel();
        thread::spawn(move || {
            let mut text = String::new();
            let read = pipe.read_to_string(&mut text);
            let _ = tell.send(read.map(|_| text));
        });
        let Ok(read) = told.recv_timeout(limit) else { return Ok(None) };
        child.wait()?;
        read.map(Some)
    }
}

/// Kills the program and returns. The program has ended then, but the system
/// keeps its entry until you wait for it, and you never do: a server that does
/// this once a second fills the table of processes, and then none can be
/// started any more.
///
/// Caught by `a_program_that_never_ends_is_gone_after_the_limit`.
pub mod wrong_killed_and_not_waited_for {
    use super::*;

    /// All that the program prints, or `None` if it has not ended within the
    /// limit. A program that has not is killed, and is gone when this returns.
    pub fn output_within(
        program: &mut Command,
        limit: Duration,
    ) -> io::Result<Option<String>> {
        let mut child = program.stdout(Stdio::piped()).spawn()?;
        let pipe = child.stdout.take();
        let mut pipe = pipe.ok_or_else(|| io::Error::other("no pipe"))?;
        let (tell, told) = mpsc::channel();
        thread::spawn(move || {
            let mut text = String::new();
            let read = pipe.read_to_string(&mut text);
            let _ = tell.send(read.map(|_| text));
        });
        match told.recv_timeout(limit) {
            Ok(read) => {
                child.wait()?;
                read.map(Some)
            }
            Err(_) => {
                child.kill()?;
                Ok(None)
            }
        }
    }
}

/// Asks again and again whether the program has ended, and reads what it
/// printed after that. A program that prints more than the pipe holds waits for
/// you to read, and you wait for its end, so a program that was nearly done is
/// killed at the limit as if it had hung.
///
/// Caught by `a_program_that_prints_more_than_a_pipe_holds_is_read_meanwhile`.
pub mod wrong_read_after_the_end {
    use super::*;
    use std::time::Instant;

    /// All that the program prints, or `None` if it has not ended within the
    /// limit. A program that has not is killed, and is gone when this returns.
    pub fn output_within(
        program: &mut Command,
        limit: Duration,
    ) -> io::Result<Option<String>> {
        let mut child = program.stdout(Stdio::piped()).spawn()?;
        let started = Instant::now();
        while child.try_wait()?.is_none() {
            if started.elapsed() >= limit {
                child.kill()?;
                child.wait()?;
                return Ok(None);
            }
            thread::sleep(Duration::from_millis(5));
        }
        let pipe = child.stdout.take();
        let mut pipe = pipe.ok_or_else(|| io::Error::other("no pipe"))?;
        let mut text = String::new();
        pipe.read_to_string(&mut text)?;
        Ok(Some(text))
    }
}

#[cfg(test)]
mod tests {
    use super::solution::*;
    use super::*;
    use std::env;
    use std::io::Write;
    use std::net::{TcpListener, TcpStream};
    use std::path::Path;
    use std::process;

    /// The test program itself, asked for a list of its tests: it ends at once.
    fn lists_its_tests() -> Command {
        let mut program = Command::new(env::current_exe().unwrap());
        program.arg("--list");
        program
    }

    #[test]
    fn what_is_printed_in_time_is_returned_whole() {
        let printed =
            output_within(&mut lists_its_tests(), Duration::from_secs(60));
        let printed = printed.unwrap().expect("it ended in time");
        let own_name = "what_is_printed_in_time_is_returned_whole: test";
        assert!(printed.contains(own_name), "{printed}");
    }

    #[test]
    fn a_program_that_is_not_there_is_an_error() {
        let mut program = Command::new("no-such-program");
        assert!(output_within(&mut program, Duration::from_secs(60)).is_err());
    }

    /// A program that is one of the tests below, and told a port of this one.
    fn this_program_as(test: &str, port: u16) -> Command {
        let (_, here) = module_path!().split_once("::").unwrap();
        let mut program = Command::new(env::current_exe().unwrap());
        program.arg(format!("{here}::{test}"));
        program.args(["--exact", "--ignored", "--nocapture"]);
        program.env("TEST_PORT", port.to_string());
        program
    }

    #[test]
    fn a_program_that_prints_more_than_a_pipe_holds_is_read_meanwhile() {
        let (done, ended) = mpsc::channel();
        thread::spawn(move || {
            let mut program = this_program_as("the_child_that_prints_much", 0);
            let limit = Duration::from_secs(60);
            let _ = done.send(output_within(&mut program, limit));
        });
        let printed = ended
            .recv_timeout(Duration::from_secs(5))
            .expect(
                "`output_within` did not return: the program waits, because \
                 its pipe is full and no thread reads",
            )
            .unwrap()
            .expect("it ended in time");
        let lines = printed.lines().filter(|line| *line == LINE).count();
        assert_eq!(lines, LINES, "lines that were printed and arrived");
    }

    #[test]
    fn a_program_that_never_ends_is_gone_after_the_limit() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        listener.set_nonblocking(true).unwrap();
        // Within the first limit the program has begun, unless the machine is
        // very busy. Then it gets the second one.
        for seconds in [1, 4] {
            let (done, ended) = mpsc::channel();
            thread::spawn(move || {
                let mut program =
                    this_program_as("the_child_that_never_ends", port);
                let limit = Duration::from_secs(seconds);
                let _ = done.send(output_within(&mut program, limit));
            });
            let answer =
                ended.recv_timeout(Duration::from_secs(seconds + 3)).expect(
                    "`output_within` did not return after the limit: a read \
                     waits for the child's end, and `wait` does too, unless \
                     the child is killed first",
                );
            assert_eq!(answer.unwrap(), None, "it never ends by itself");
            if let Ok((connection, _)) = listener.accept() {
                is_gone(connection);
                break;
            }
        }
    }

    /// The child holds a connection to the test. The system closes it when the
    /// child has ended, and never before.
    fn is_gone(mut connection: TcpStream) {
        connection.set_nonblocking(false).unwrap();
        let patience = Some(Duration::from_secs(3));
        connection.set_read_timeout(patience).unwrap();
        let mut number = String::new();
        let end = connection.read_to_string(&mut number);
        let alive = matches!(&end, Err(error) if matches!(
            error.kind(),
            io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut
        ));
        assert!(!alive, "the child still runs after the limit");
        // On Linux a process has a folder of this name, until its status has
        // been asked for.
        if cfg!(target_os = "linux") && !number.is_empty() {
            let entry = Path::new("/proc").join(number);
            assert!(
                !entry.exists(),
                "the child was killed, and not waited for: the system keeps \
                 its entry"
            );
        }
    }

    const LINE: &str = "a line of thirty-two characters.";
    const LINES: usize = 30_000;

    /// Run by a test above, in a process of its own.
    #[test]
    #[ignore = "it prints much, unless no test asked for it"]
    fn the_child_that_prints_much() {
        if env::var("TEST_PORT").is_ok() {
            println!(); // ends a line that says which test this is
            for _ in 0..LINES {
                println!("{LINE}");
            }
        }
    }

    /// Run by a test above, in a process of its own.
    #[test]
    #[ignore = "it never ends, unless no test asked for it"]
    fn the_child_that_never_ends() {
        let Ok(port) = env::var("TEST_PORT") else { return };
        let address = format!("127.0.0.1:{port}");
        let mut test = TcpStream::connect(address).unwrap();
        write!(test, "{}", process::id()).unwrap();
        // Until the test is gone, so that no failure leaves it behind.
        let _ = io::copy(&mut test, &mut io::sink());
    }
}
