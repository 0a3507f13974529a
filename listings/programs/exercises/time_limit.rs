//! # A time limit
//!
//! 30 minutes
//!
//! A program is started, and what it prints is wanted: within a limit, or not
//! at all. Write `output_within`. It returns `Some` with all the program
//! printed, or `None` when the limit was over first. In that case the program
//! is killed *and waited for*, so that nothing of it is left. The tests run a
//! program that ends by itself and one that never does, and look whether the
//! second is gone. The end of its output counts as a program's end: theirs keep
//! it open until they end.
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

#[cfg(test)]
mod tests {
    use super::solution::*;
    use super::*;
    use std::env;
    use std::net::{TcpListener, TcpStream};

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

    #[test]
    fn a_program_that_never_ends_is_gone_after_the_limit() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let (done, ended) = mpsc::channel();
        thread::spawn(move || {
            let mut program = Command::new(env::current_exe().unwrap());
            program.args(["the_child_that", "--ignored", "--nocapture"]);
            program.env("NEVER_ENDS_PORT", port.to_string());
            let limit = Duration::from_secs(1);
            let _ = done.send(output_within(&mut program, limit));
        });
        let answer = ended
            .recv_timeout(Duration::from_secs(10))
            .expect("`output_within` did not return; is the child killed?");
        assert_eq!(answer.unwrap(), None, "it never ends by itself");

        // The child, if it came that far, holds a connection to this test. The
        // system closes it when the child is gone, and never before.
        listener.set_nonblocking(true).unwrap();
        if let Ok((mut connection, _)) = listener.accept() {
            connection.set_nonblocking(false).unwrap();
            let patience = Some(Duration::from_secs(5));
            connection.set_read_timeout(patience).unwrap();
            let end = connection.read(&mut [0]);
            let alive = matches!(&end, Err(error) if matches!(
                error.kind(),
                io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut
            ));
            assert!(!alive, "the child is still there after the limit");
        }
    }

    /// Run by the test above, in a process of its own.
    #[test]
    #[ignore = "it never ends, unless nobody asked for it"]
    fn the_child_that_never_ends() {
        let Ok(port) = env::var("NEVER_ENDS_PORT") else { return };
        let address = format!("127.0.0.1:{port}");
        let mut test = TcpStream::connect(address).unwrap();
        // Until the test is gone, so that no failure leaves it behind.
        let _ = io::copy(&mut test, &mut io::sink());
    }
}
