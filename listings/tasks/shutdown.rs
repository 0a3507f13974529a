//! A small server that ends gracefully: nobody new gets in, whoever is being
//! served gets an answer, and those who take too long are let go.
//!
//! Runs locally only: it opens sockets, and uses the crate `tokio-util`. No
//! checker runs it whole; its tests bring about each ending by its cause.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinError, JoinSet};
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

/// How the guests of a server left it.
#[derive(Debug, Default, PartialEq)]
pub struct Departures {
    /// Their conversation came to its end.
    pub finished: usize,
    /// Their connection broke, or their task panicked.
    pub broken_off: usize,
    /// They took longer than the server's patience, and were stopped.
    pub let_go: usize,
}

impl Departures {
    fn count(&mut self, ended: Result<io::Result<()>, JoinError>) {
        match ended {
            Ok(Ok(())) => self.finished += 1,
            Err(stopped) if stopped.is_cancelled() => self.let_go += 1,
            Ok(Err(_)) | Err(_) => self.broken_off += 1,
        }
    }
}

// ANCHOR: serve
/// Serves until `stop`, then lets those in conversation finish, for so long.
pub async fn serve(
    listener: TcpListener,
    stop: CancellationToken,
    patience: Duration,
) -> Departures {
    let mut guests = JoinSet::new();
    let mut departures = Departures::default();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((socket, _)) => {
                    guests.spawn(converse(socket, stop.clone()));
                }
                // Too many are open, say: no reason to send those away.
                Err(_) => sleep(Duration::from_millis(10)).await,
            },
            Some(ended) = guests.join_next() => departures.count(ended),
            () = stop.cancelled() => break,
        }
    }
    drop(listener); // from here on nobody gets in
    let farewell = async {
        while let Some(ended) = guests.join_next().await {
            departures.count(ended);
        }
    };
    let _ = timeout(patience, farewell).await; // some are still there
    guests.abort_all(); // stops each at its next `.await`
    while let Some(ended) = guests.join_next().await {
        departures.count(ended); // one can have ended by itself meanwhile
    }
    departures
}
// ANCHOR_END: serve

// ANCHOR: converse
/// Answers line by line. The word to stop is heard between two lines, and not
/// within one: what was asked is answered, if the guest takes the answer in time.
async fn converse(
    socket: TcpStream,
    stop: CancellationToken,
) -> io::Result<()> {
    let (input, mut output) = socket.into_split();
    let mut lines = BufReader::new(input).lines();
    loop {
        let asked = tokio::select! {
            asked = lines.next_line() => asked?,
            () = stop.cancelled() => return Ok(()),
        };
        let Some(asked) = asked else { return Ok(()) };
        let answer = format!("{}\n", asked.to_uppercase());
        output.write_all(answer.as_bytes()).await?;
    }
}
// ANCHOR_END: converse

/// A guest that asks one thing, and stays.
async fn visit(address: SocketAddr) -> io::Result<(String, TcpStream)> {
    let mut socket = TcpStream::connect(address).await?;
    socket.write_all(b"good evening\n").await?;
    let mut answer = String::new();
    BufReader::new(&mut socket).read_line(&mut answer).await?;
    Ok((answer.trim().into(), socket))
}

// ANCHOR: main
#[tokio::main(flavor = "current_thread")]
pub async fn main() -> io::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let stop = CancellationToken::new();
    let patience = Duration::from_secs(5);
    let server = tokio::spawn(serve(listener, stop.clone(), patience));

    let (answer, _guest) = visit(address).await?;
    println!("a guest is told: {answer}");
    stop.cancel(); // a real server does so on tokio::signal::ctrl_c()
    println!("the server ends: {:?}", server.await?);
    let late = visit(address).await;
    println!("a late guest gets in: {}", late.is_ok());
    Ok(())
}
// ANCHOR_END: main

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::AsyncReadExt;

    async fn open() -> (TcpListener, SocketAddr) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        (listener, address)
    }

    #[tokio::test]
    async fn who_is_in_conversation_leaves_when_the_server_stops() {
        let (listener, address) = open().await;
        let stop = CancellationToken::new();
        let hour = Duration::from_secs(3600);
        let server = tokio::spawn(serve(listener, stop.clone(), hour));
        let (answer, guest) = visit(address).await.unwrap();
        assert_eq!(answer, "GOOD EVENING");
        let (_, other) = visit(address).await.unwrap();
        drop(other); // one leaves by itself, before or after the stop
        stop.cancel();
        let departures = server.await.unwrap();
        let (finished, broken_off, let_go) = (2, 0, 0);
        assert_eq!(departures, Departures { finished, broken_off, let_go });
        drop(guest);
        assert!(visit(address).await.is_err(), "nobody gets in any more");
    }

    /// A guest who asks for more than anybody reads: the answer never ends.
    #[tokio::test]
    async fn who_takes_too_long_is_let_go() {
        let (listener, address) = open().await;
        let stop = CancellationToken::new();
        let server = tokio::spawn(serve(
            listener,
            stop.clone(),
            Duration::from_millis(1),
        ));
        let mut guest = TcpStream::connect(address).await.unwrap();
        // More than the buffers on the way hold, so that writing the answer
        // waits for a guest who never reads.
        let question = vec![b'a'; 64 << 20];
        guest.write_all(&question).await.unwrap();
        guest.write_all(b"\n").await.unwrap();
        // Part of the answer is here, so the server is in the middle of it.
        guest.readable().await.unwrap();
        stop.cancel();
        let departures = server.await.unwrap();
        let (finished, broken_off, let_go) = (0, 0, 1);
        assert_eq!(departures, Departures { finished, broken_off, let_go });
    }

    #[tokio::test]
    async fn a_guest_who_makes_no_sense_is_no_end_of_the_server() {
        let (listener, address) = open().await;
        let stop = CancellationToken::new();
        let hour = Duration::from_secs(3600);
        let server = tokio::spawn(serve(listener, stop.clone(), hour));
        let mut guest = TcpStream::connect(address).await.unwrap();
        guest.write_all(b"\xff\n").await.unwrap(); // no UTF-8: an error
        let mut rest = Vec::new();
        let _ = guest.read_to_end(&mut rest).await; // until it is hung up on
        assert!(visit(address).await.is_ok(), "the next one is served");
        stop.cancel();
        let departures = server.await.unwrap();
        let (finished, broken_off, let_go) = (1, 1, 0);
        assert_eq!(departures, Departures { finished, broken_off, let_go });
    }
}
