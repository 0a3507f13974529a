//! Echoes over a socket, from a process that does nothing else, or counts down
//! beside it in a thread.
//!
//! The two threads share nothing: there is no order of steps to explore.
//!
//! Runs locally only: it starts itself again as the server, and asks it over
//! the loopback address.

use std::env;
use std::hint::black_box;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, ExitCode, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// The role in which this program starts itself again.
pub const ROLE: &str = "echo-server";

/// Between two messages, as in Python: longer than its switch interval.
const PAUSE: Duration = Duration::from_millis(7);

// ANCHOR: server
fn count_for_ever() {
    let mut n = 0_u64;
    loop {
        n = black_box(n.wrapping_sub(1));
    }
}

fn echo(mut connection: TcpStream) -> io::Result<()> {
    let mut message = [0; 64];
    loop {
        match connection.read(&mut message)? {
            0 => return Ok(()), // nobody is there any more
            length => connection.write_all(&message[..length])?,
        }
    }
}
// ANCHOR_END: server

/// Serves one client. Its first byte says what there is to do beside: `c`, to
/// count down. The thread that counts ends with the process.
pub fn serve() -> ExitCode {
    let served = || -> io::Result<()> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        println!("{}", listener.local_addr()?.port());
        let (mut connection, _) = listener.accept()?;
        connection.set_nodelay(true)?;
        let mut beside = [0];
        connection.read_exact(&mut beside)?;
        if beside == *b"c" {
            thread::spawn(count_for_ever);
        }
        connection.write_all(b"r")?; // ready
        echo(connection)
    };
    match served() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("the echo server: {error}");
            ExitCode::FAILURE
        }
    }
}

/// A server in a process of its own. It ends when nobody is connected, and is
/// ended if it does not.
pub struct Server {
    process: Child,
    port: u16,
}

impl Server {
    /// Starts it; it waits for a client.
    ///
    /// # Errors
    /// Where it does not start, or does not say its port.
    pub fn start() -> io::Result<Server> {
        let mut process = Command::new(env::current_exe()?)
            .arg(ROLE)
            .stdout(Stdio::piped())
            .spawn()?;
        let mut line = String::new();
        if let Some(stdout) = process.stdout.take() {
            BufReader::new(stdout).read_line(&mut line)?;
        }
        match line.trim().parse() {
            Ok(port) => Ok(Server { process, port }),
            Err(_) => {
                let ended = process.wait()?;
                Err(io::Error::other(format!("no port, and {ended}")))
            }
        }
    }

    /// Connects, and says whether it should count down beside its echoes.
    ///
    /// # Errors
    /// Where the connection fails.
    pub fn connect(&self, counting: bool) -> io::Result<TcpStream> {
        let mut connection = TcpStream::connect(("127.0.0.1", self.port))?;
        connection.set_nodelay(true)?;
        connection.write_all(if counting { b"c" } else { b"n" })?;
        connection.read_exact(&mut [0])?; // it is ready
        Ok(connection)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Both fail only where it has ended by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

// ANCHOR: client
/// How long each of so many echoes takes, from a server that counts down
/// beside them, or does nothing else.
///
/// # Errors
/// Where the connection fails.
pub fn latencies(
    server: &Server,
    counting: bool,
    echoes: usize,
) -> io::Result<Vec<Duration>> {
    let mut connection = server.connect(counting)?;
    let mut answer = [0; 5];
    let mut taken = Vec::with_capacity(echoes);
    for _ in 0..echoes {
        thread::sleep(PAUSE);
        let start = Instant::now();
        connection.write_all(b"hello")?;
        connection.read_exact(&mut answer)?;
        taken.push(start.elapsed());
    }
    Ok(taken)
}
// ANCHOR_END: client

pub fn main() -> io::Result<()> {
    for (counting, beside) in [(false, "nothing"), (true, "a countdown")] {
        let server = Server::start()?;
        let echoes = latencies(&server, counting, 50)?.len();
        println!("{echoes} of 50 echoes came, with {beside} beside them");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_sent_comes_back_until_nobody_is_there() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        thread::scope(|scope| {
            let server = scope.spawn(|| echo(listener.accept().unwrap().0));
            let mut client = TcpStream::connect(address).unwrap();
            for word in ["hello", "again"] {
                client.write_all(word.as_bytes()).unwrap();
                let mut answer = [0; 5];
                client.read_exact(&mut answer).unwrap();
                assert_eq!(answer, word.as_bytes());
            }
            drop(client);
            server.join().unwrap().unwrap();
        });
    }
}
