//! The server of chapter 17 as a user meets it: started, told to stop, killed while it is asked.
//!
//! No checker explores it: it is made of sockets and clocks. What tasks share is a channel of crossbeam and a
//! count that only grows and shrinks by one.

#![cfg(unix)]

mod programs;

use std::io::{BufRead, BufReader, Read};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Duration;

use listings_tokio::blocking::open_loop::{End, schedule, send};
use programs::example;

/// A server in a process of its own, which ends with this.
struct Served {
    process: Child,
    says: BufReader<ChildStdout>,
    address: SocketAddr,
}

impl Served {
    fn start() -> Served {
        let mut process = Command::new(example("under_load"))
            .args(["serve", "--port", "0"])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut says = BufReader::new(process.stdout.take().unwrap());
        let mut first = String::new();
        says.read_line(&mut first).unwrap();
        let address = first.trim_start_matches("http://").split(' ').next().unwrap();
        let address = address.parse().unwrap_or_else(|_| panic!("{first}"));
        Served { process, says, address }
    }

    fn signal(&self, name: &str) {
        let id = self.process.id().to_string();
        assert!(Command::new("kill").args([name, &id]).status().unwrap().success());
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[test]
fn ctrl_c_ends_the_server_says_so_and_gives_its_port_back() {
    let mut served = Served::start();
    // A client that stays connected does not keep it.
    let _guest = TcpStream::connect(served.address).unwrap();
    served.signal("-INT");
    let mut rest = String::new();
    served.says.read_to_string(&mut rest).unwrap();
    assert_eq!(rest, "stopped\n");
    assert!(served.process.wait().unwrap().success());
    assert!(TcpStream::connect(served.address).is_err());
}

#[test]
fn a_server_that_is_killed_in_the_middle_leaves_nobody_waiting() {
    let served = Served::start();
    let due = schedule(80, Duration::from_millis(400));
    // Killed once it has answered one: nothing here waits for a time.
    let address = served.address;
    let replies = std::thread::scope(|scope| {
        let sending = scope.spawn(|| send(address, &due).unwrap());
        let mut first = TcpStream::connect(address).unwrap();
        std::io::Write::write_all(&mut first, b"GET / HTTP/1.1\r\n\r\n").unwrap();
        first.read_exact(&mut [0; 8]).unwrap();
        served.signal("-KILL");
        sending.join().unwrap()
    });
    assert_eq!(replies.len(), due.len(), "each request has an end");
    let failed = replies.iter().filter(|reply| reply.end == End::Failed).count();
    assert!(failed > 0 && replies.iter().all(|reply| reply.end != End::Refused), "{failed}");
}

#[test]
fn a_port_that_is_taken_is_said_with_its_number() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let ran =
        Command::new(example("under_load")).args(["serve", "--port", &port]).output().unwrap();
    assert_eq!(ran.status.code(), Some(1));
    let said = String::from_utf8(ran.stderr).unwrap();
    assert!(said.starts_with(&format!("error: 127.0.0.1:{port}: ")), "{said}");
    assert!(ran.stdout.is_empty());
}
