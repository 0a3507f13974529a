//! The receiving process: this program again. It ends when its input does.
//!
//! Each side speaks in lines. The sender says what comes, `postcard 1000` or
//! `map /dev/shm/name`, and then it comes; the receiver answers with the sum.

use std::cell::RefCell;
use std::env;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, ExitCode, Stdio};

use crate::nothing_shared::handover::{add_up_bytes, add_up_map};

/// The process as its sender sees it.
pub struct Process {
    /// Dropped before `_ended`: it ends when this does.
    pub pipe: ChildStdin,
    pub socket: TcpStream,
    answers: RefCell<BufReader<ChildStdout>>,
    _ended: Ended,
}

impl Process {
    pub fn start() -> io::Result<Process> {
        let mut process = Command::new(env::current_exe()?)
            .arg("receiver")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let gone = || io::Error::other("the receiving process did not start");
        let pipe = process.stdin.take().ok_or_else(gone)?;
        let output = process.stdout.take().ok_or_else(gone)?;
        let mut answers = BufReader::new(output);
        let mut port = String::new();
        answers.read_line(&mut port)?;
        let port: u16 = port.trim().parse().map_err(|_| gone())?;
        let socket = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
        socket.set_nodelay(true)?; // what is written goes out at once
        let answers = RefCell::new(answers);
        Ok(Process { pipe, socket, answers, _ended: Ended(process) })
    }

    /// Says what comes, in a line.
    pub fn tell(&self, what: &str) -> io::Result<()> {
        (&self.pipe).write_all(format!("{what}\n").as_bytes())
    }

    /// Waits for the sum.
    pub fn answer(&self) -> io::Result<f64> {
        let mut line = String::new();
        self.answers.borrow_mut().read_line(&mut line)?;
        line.trim().parse().map_err(|_| {
            io::Error::other(format!("the receiving process said `{line}`"))
        })
    }
}

/// A process that ends by itself, and is waited for.
struct Ended(Child);

impl Drop for Ended {
    fn drop(&mut self) {
        let _ = self.0.wait(); // there is nobody left to tell
    }
}

/// What the receiving process does until its input ends.
pub fn receive() -> ExitCode {
    match receive_all() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: the receiving process: {error}");
            ExitCode::FAILURE
        }
    }
}

fn receive_all() -> io::Result<()> {
    let (mut input, mut output) = (io::stdin().lock(), io::stdout().lock());
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    writeln!(output, "{}", listener.local_addr()?.port())?;
    let mut socket = listener.accept()?.0;
    let mut line = String::new();
    while input.read_line(&mut line)? > 0 {
        let (way, what) = line.trim_end().split_once(' ').unwrap_or_default();
        let sum = match way {
            "map" => add_up_map(Path::new(what))?,
            "socket" => add_up_bytes("postcard", &take(&mut socket, what)?)?,
            format => add_up_bytes(format, &take(&mut input, what)?)?,
        };
        writeln!(output, "{sum:?}")?; // with all its digits
        line.clear();
    }
    Ok(())
}

/// As many bytes as the line said.
fn take(from: &mut impl Read, length: &str) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; length.parse().map_err(io::Error::other)?];
    from.read_exact(&mut bytes)?;
    Ok(bytes)
}
