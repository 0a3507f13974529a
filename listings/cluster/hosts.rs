//! Where the processes of a dataflow are, and the connections between them.
//!
//! Runs locally only: it opens sockets.

use std::fmt;
use std::fs;
use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

/// What went wrong, and at what.
#[derive(Debug)]
pub enum Error {
    /// The command line.
    Usage(String),
    /// A line of a hosts file.
    Line {
        number: usize,
        text: String,
        why: String,
    },
    Failed {
        what: String,
        why: String,
    },
}

impl Error {
    pub fn new(what: impl Into<String>, why: impl fmt::Display) -> Error {
        Error::Failed { what: what.into(), why: why.to_string() }
    }

    /// For `map_err`.
    pub fn at<E: fmt::Display>(what: &str) -> impl FnOnce(E) -> Error {
        move |why| Error::new(what, why)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Usage(what) => write!(f, "{what}"),
            Error::Line { number, text, why } => {
                write!(f, "line {number} of the hosts, `{text}`: {why}")
            }
            Error::Failed { what, why } => write!(f, "{what}: {why}"),
        }
    }
}

impl std::error::Error for Error {}

// ANCHOR: hosts
/// One `host:port` a line, in the order of the processes' numbers. Empty lines
/// and those that begin with `#` do not count.
pub fn parse(text: &str) -> Result<Vec<String>, Error> {
    let mut hosts: Vec<String> = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let wrong = |why: &str| Error::Line {
            number: number + 1,
            text: line.into(),
            why: why.into(),
        };
        check(line).map_err(wrong)?;
        if hosts.iter().any(|host| host == line) {
            return Err(wrong("it stands there twice"));
        }
        hosts.push(line.into());
    }
    Ok(hosts)
}
// ANCHOR_END: hosts

fn check(line: &str) -> Result<(), &'static str> {
    let (host, port) = line.rsplit_once(':').ok_or("a host:port is needed")?;
    let in_brackets = host.starts_with('[') && host.ends_with(']');
    if host.is_empty() || host.contains(char::is_whitespace) {
        return Err("a host is needed before the colon, and no space");
    }
    if host.contains(':') && !in_brackets {
        return Err("an address with colons stands in brackets");
    }
    match port.parse::<u16>() {
        Ok(1..) => Ok(()),
        _ => Err("a port is a number from 1 to 65535"),
    }
}

pub fn read(path: &Path) -> Result<Vec<String>, Error> {
    let shown = path.display().to_string();
    let text = fs::read_to_string(path).map_err(Error::at(&shown))?;
    match parse(&text)? {
        hosts if hosts.is_empty() => Err(Error::new(shown, "no host")),
        hosts => Ok(hosts),
    }
}

/// How long a process waits for the others.
pub const PATIENCE: Duration = Duration::from_secs(60);
/// Until a connection is tried again.
const AGAIN: Duration = Duration::from_millis(20);
const WELCOME: u8 = 1;
const OTHER_WORK: u8 = 2;

// ANCHOR: connect
/// A connection to each other process: made to those before this one, accepted
/// from those after it. The key says what is to be done: a process that was
/// started for something else is refused.
pub fn connect(
    hosts: &[String],
    me: usize,
    listener: TcpListener,
    key: u64,
) -> Result<Vec<Option<TcpStream>>, Error> {
    let until = Instant::now() + PATIENCE;
    let (sender, accepted) = mpsc::channel();
    thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            // A stranger, or one that is gone again, is let go.
            if let Ok(other) = welcome(&stream, key)
                && sender.send((other, stream)).is_err()
            {
                return; // all are there
            }
        }
    });
    let mut streams: Vec<Option<TcpStream>> =
        hosts.iter().map(|_| None).collect();
    for (other, host) in hosts.iter().enumerate().take(me) {
        streams[other] = Some(reach(host, me, key, until)?);
    }
    while let Some(missing) = first_missing(&streams, me) {
        let left = until.saturating_duration_since(Instant::now());
        let Ok((other, stream)) = accepted.recv_timeout(left) else {
            let what = format!("process {missing} at {}", hosts[missing]);
            return Err(Error::new(what, "it did not come in time"));
        };
        if other > me && other < hosts.len() {
            streams[other] = Some(stream);
        }
    }
    Ok(streams)
}
// ANCHOR_END: connect

fn first_missing(streams: &[Option<TcpStream>], me: usize) -> Option<usize> {
    (me + 1..streams.len()).find(|&other| streams[other].is_none())
}

/// Reads who has come, and for what.
fn welcome(mut stream: &TcpStream, key: u64) -> io::Result<usize> {
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(Duration::from_secs(2)))?;
    let (mut theirs, mut other) = ([0; 8], [0; 8]);
    stream.read_exact(&mut theirs)?;
    stream.read_exact(&mut other)?;
    stream.set_read_timeout(None)?;
    if u64::from_be_bytes(theirs) != key {
        stream.write_all(&[OTHER_WORK])?;
        return Err(io::ErrorKind::InvalidData.into());
    }
    stream.write_all(&[WELCOME])?;
    Ok(u64::from_be_bytes(other) as usize)
}

/// Tries until the process is there.
fn reach(
    host: &str,
    me: usize,
    key: u64,
    until: Instant,
) -> Result<TcpStream, Error> {
    loop {
        let why = match TcpStream::connect(host) {
            Ok(stream) => match greet(&stream, me, key, until) {
                Ok(WELCOME) => return Ok(stream),
                Ok(OTHER_WORK) => {
                    let why =
                        "the process there was started with other options";
                    return Err(Error::new(host, why));
                }
                Ok(_) => return Err(Error::new(host, "another program")),
                Err(why) => why,
            },
            Err(why) => why,
        };
        if Instant::now() > until {
            return Err(Error::new(host, why));
        }
        thread::sleep(AGAIN); // no event tells that a port is open
    }
}

fn greet(
    mut stream: &TcpStream,
    me: usize,
    key: u64,
    until: Instant,
) -> io::Result<u8> {
    let left = until.saturating_duration_since(Instant::now());
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(left.max(AGAIN)))?;
    let greeting = [key.to_be_bytes(), (me as u64).to_be_bytes()].concat();
    stream.write_all(&greeting)?;
    let mut answer = [0];
    stream.read_exact(&mut answer)?;
    stream.set_read_timeout(None)?;
    Ok(answer[0])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_stand_in_the_order_of_the_lines() {
        let text = "# two machines\nfirst:2101\n\n 10.0.0.2:2101 \n[::1]:7\n";
        let hosts = ["first:2101", "10.0.0.2:2101", "[::1]:7"];
        assert_eq!(parse(text).unwrap(), hosts);
    }

    #[test]
    fn a_wrong_line_is_named_with_its_number_and_text() {
        for (line, why) in [
            ("second", "a host:port is needed"),
            (":2101", "a host is needed"),
            ("a b:2101", "no space"),
            ("::1:2101", "in brackets"),
            ("second:", "a port is a number"),
            ("second:0", "a port is a number"),
            ("second:65536", "a port is a number"),
            ("first:2101", "twice"),
        ] {
            let error = parse(&format!("first:2101\n{line}\n")).unwrap_err();
            let error = error.to_string();
            let begins = format!("line 2 of the hosts, `{line}`: ");
            assert!(error.starts_with(&begins), "{error}");
            assert!(error.contains(why), "{error}");
        }
    }

    /// Two listeners on free ports, and their addresses.
    fn two() -> ([TcpListener; 2], Vec<String>) {
        let listener = || TcpListener::bind("127.0.0.1:0").unwrap();
        let listeners = [listener(), listener()];
        let address = |l: &TcpListener| l.local_addr().unwrap().to_string();
        let hosts = listeners.iter().map(address).collect();
        (listeners, hosts)
    }

    #[test]
    fn a_stranger_is_let_go_and_the_others_connect() {
        let ([first, second], hosts) = two();
        let stranger = TcpStream::connect(&hosts[0]).unwrap();
        drop(stranger);
        thread::scope(|scope| {
            let one = scope.spawn(|| connect(&hosts, 0, first, 7).unwrap());
            let two = connect(&hosts, 1, second, 7).unwrap();
            let one = one.join().unwrap();
            let there = |all: &[Option<TcpStream>]| {
                all.iter().map(Option::is_some).collect::<Vec<_>>()
            };
            assert_eq!(there(&one), [false, true]);
            assert_eq!(there(&two), [true, false]);
        });
    }

    #[test]
    fn a_process_with_other_options_is_refused() {
        let ([first, second], hosts) = two();
        thread::scope(|scope| {
            let welcomed = scope.spawn(|| {
                let (stream, _) = first.accept().unwrap();
                welcome(&stream, 7)
            });
            let error = connect(&hosts, 1, second, 8).unwrap_err();
            assert!(error.to_string().contains("other options"), "{error}");
            welcomed.join().unwrap().unwrap_err();
        });
    }
}
