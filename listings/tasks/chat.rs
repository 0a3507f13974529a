//! A chat, to be tried in several terminals: a server, and guests who hear
//! what any of them says.
//!
//! Runs locally only: it opens sockets. No checker runs it, since none models
//! the network; the tests run the server and guests against each other.

use std::io;
use std::net::SocketAddr;
use std::process::ExitCode;
use std::thread;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{broadcast, mpsc};
use tokio::time::sleep;

/// Where the server is when it is started in a terminal of its own.
const ADDRESS: &str = "127.0.0.1:7878";

// ANCHOR: serve
/// Lets guests in for as long as it is polled, with a task for each.
async fn serve(listener: TcpListener) {
    let (said, _) = broadcast::channel(100);
    loop {
        match listener.accept().await {
            Ok((socket, _)) => {
                tokio::spawn(converse(socket, said.clone()));
            }
            // Too many are open, say: let some of them leave first.
            Err(_) => sleep(Duration::from_millis(10)).await,
        }
    }
}

/// What this guest says goes to all of them, and what any says to this one.
async fn converse(
    socket: TcpStream,
    said: broadcast::Sender<String>,
) -> io::Result<()> {
    let mut heard = said.subscribe();
    let (input, mut output) = socket.into_split();
    let mut lines = BufReader::new(input).lines();
    loop {
        tokio::select! {
            line = lines.next_line() => match line? {
                Some(line) => drop(said.send(line + "\n")),
                None => return Ok(()), // the guest has left
            },
            line = heard.recv() => match line {
                Ok(line) => output.write_all(line.as_bytes()).await?,
                Err(RecvError::Lagged(_)) => {} // too slow: it missed some
                Err(RecvError::Closed) => return Ok(()),
            },
        }
    }
}
// ANCHOR_END: serve

// ANCHOR: visit
/// Says what is typed, and hears what is said, until one of both ends.
async fn visit(
    address: SocketAddr,
    mut typed: mpsc::Receiver<String>,
    hear: impl Fn(String),
) -> io::Result<()> {
    let (input, mut output) = TcpStream::connect(address).await?.into_split();
    let mut said = BufReader::new(input).lines();
    loop {
        tokio::select! {
            line = said.next_line() => match line? {
                Some(line) => hear(line),
                None => return Ok(()), // the server has hung up
            },
            line = typed.recv() => match line {
                Some(line) => output.write_all((line + "\n").as_bytes()).await?,
                None => return Ok(()),
            },
        }
    }
}
// ANCHOR_END: visit

// ANCHOR: server
/// What `cargo run --example chat -- serve` runs, until Ctrl-C.
#[tokio::main]
pub async fn server() -> ExitCode {
    match TcpListener::bind(ADDRESS).await {
        Ok(listener) => {
            println!("guests are welcome at {ADDRESS}; Ctrl-C ends the chat");
            serve(listener).await;
            ExitCode::SUCCESS
        }
        Err(why) => {
            eprintln!("error: no server can listen at {ADDRESS}: {why}");
            ExitCode::FAILURE
        }
    }
}
// ANCHOR_END: server

/// What `cargo run --example chat -- visit` runs, until the end of its input.
#[tokio::main]
pub async fn guest() -> ExitCode {
    let (types, typed) = mpsc::channel(1);
    // A thread of its own, since reading from a terminal blocks.
    thread::spawn(move || {
        for line in io::stdin().lines().map_while(Result::ok) {
            if types.blocking_send(line).is_err() {
                break;
            }
        }
    });
    let address = ADDRESS.parse().expect("it is an address");
    match visit(address, typed, |line| println!("{line}")).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!(
                "error: no chat at {ADDRESS}: {why}\n\
                 start it with `cargo run --example chat -- serve`"
            );
            ExitCode::FAILURE
        }
    }
}

/// A guest, as its tongue and its ear.
fn enter(
    address: SocketAddr,
) -> (mpsc::Sender<String>, mpsc::UnboundedReceiver<String>) {
    let (types, typed) = mpsc::channel(1);
    let (tell, heard) = mpsc::unbounded_channel();
    tokio::spawn(visit(address, typed, move |line| drop(tell.send(line))));
    (types, heard)
}

/// A server on a free port, and two guests.
#[tokio::main]
pub async fn main() -> io::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    tokio::spawn(serve(listener));

    let (ann, mut ann_hears) = enter(address);
    let (ben, mut ben_hears) = enter(address);
    // Each hears what it says itself: then it is in.
    for (says, hears) in [(&ann, &mut ann_hears), (&ben, &mut ben_hears)] {
        says.send("hello".into()).await.map_err(io::Error::other)?;
        hears.recv().await;
    }
    ann.send("is it raining?".into()).await.map_err(io::Error::other)?;
    while let Some(line) = ben_hears.recv().await {
        println!("Ben hears: {line}");
        if line.ends_with('?') {
            break;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn open() -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(serve(listener));
        address
    }

    #[tokio::test]
    async fn what_one_guest_says_all_of_them_hear() {
        let address = open().await;
        let mut guests = Vec::new();
        for name in ["Ann", "Ben", "Cid"] {
            let (types, mut hears) = enter(address);
            types.send(format!("{name} is here")).await.unwrap();
            assert_eq!(hears.recv().await.unwrap(), format!("{name} is here"));
            guests.push((types, hears));
        }
        guests[2].0.send("good evening".into()).await.unwrap();
        for (_, hears) in &mut guests {
            while hears.recv().await.expect("the chat goes on")
                != "good evening"
            {}
        }
    }

    #[tokio::test]
    async fn a_guest_who_leaves_does_not_end_the_chat() {
        let address = open().await;
        let (ann, mut ann_hears) = enter(address);
        ann.send("hello".into()).await.unwrap();
        ann_hears.recv().await.unwrap();
        drop(ann);
        assert_eq!(ann_hears.recv().await, None, "its visit is over");
        let (ben, mut ben_hears) = enter(address);
        ben.send("anybody here?".into()).await.unwrap();
        assert_eq!(ben_hears.recv().await.unwrap(), "anybody here?");
    }

    #[tokio::test]
    async fn without_a_server_a_visit_is_an_error() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let nobody = listener.local_addr().unwrap();
        drop(listener);
        let (_types, typed) = mpsc::channel(1);
        assert!(visit(nobody, typed, drop).await.is_err());
    }
}
