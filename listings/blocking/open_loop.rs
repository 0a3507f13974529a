//! Requests that come when they come, whether or not the earlier ones have been
//! answered, and a clock that begins when each of them should have been sent.
//!
//! Runs locally only: it opens sockets.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use tokio::io::AsyncReadExt;
use tokio::runtime;
use tokio::time::timeout;

use crate::blocking::under_load::{PLACES, QUERY, most};

/// Longer than any queue here; a server that is silent for so long is given up.
const PATIENCE: Duration = Duration::from_secs(5);

/// Where the random times come from.
pub const SEED: u64 = 17;

/// Moments of one request, counted from the beginning of the run.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Reply {
    /// When it should have been sent.
    pub due: Duration,
    pub sent: Duration,
    pub ended: Duration,
    pub end: End,
}

/// How a request ended.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum End {
    Answered,
    /// By a 503.
    Refused,
    /// No connection, one that broke, or none of the two answers.
    Failed,
}

impl End {
    fn of(answer: io::Result<Vec<u8>>) -> End {
        match answer {
            Ok(text) if text.starts_with(b"HTTP/1.1 200 ") => End::Answered,
            Ok(text) if text.starts_with(b"HTTP/1.1 503 ") => End::Refused,
            Ok(_) | Err(_) => End::Failed,
        }
    }
}

/// The requests that were answered, each counted from when it was due.
pub fn waited(replies: &[Reply]) -> Vec<Duration> {
    let answered = replies.iter().filter(|reply| reply.end == End::Answered);
    answered.map(|reply| reply.ended - reply.due).collect()
}

/// The same, counted from when each was sent.
pub fn since_sent(replies: &[Reply]) -> Vec<Duration> {
    let answered = replies.iter().filter(|reply| reply.end == End::Answered);
    answered.map(|reply| reply.ended - reply.sent).collect()
}

// ANCHOR: schedule
/// When requests are due: spread at random over `during`, and so many that
/// they are this many per cent of what the store can take.
pub fn schedule(load: usize, during: Duration) -> Vec<Duration> {
    let count = most() * during.as_secs_f64() * load as f64 / 100.0;
    let mut random = Random(SEED);
    let mut due: Vec<Duration> = (0..count.round() as usize)
        .map(|_| during.mul_f64(random.below_one()))
        .collect();
    due.sort();
    due
}
// ANCHOR_END: schedule

/// splitmix64: small, and good enough to spread visitors.
struct Random(u64);

impl Random {
    fn below_one(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut x = self.0;
        x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        x ^= x >> 31;
        (x >> 11) as f64 / (1_u64 << 53) as f64
    }
}

// ANCHOR: reckoned
/// How long each would wait if nothing but the places took time.
pub fn reckoned(due: &[Duration]) -> Vec<Duration> {
    let mut free_at = [Duration::ZERO; PLACES];
    let mut waited = Vec::new();
    for due in due {
        let first = free_at.iter_mut().min().expect("there are places");
        *first = QUERY + *due.max(first);
        waited.push(*first - *due);
    }
    waited
}
// ANCHOR_END: reckoned

const REQUEST: &[u8] =
    b"GET / HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n\r\n";

/// A connection with a request on it.
fn ask(address: SocketAddr) -> io::Result<TcpStream> {
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE)?;
    stream.write_all(REQUEST)?;
    Ok(stream)
}

/// All that the server says until it closes the connection.
async fn answer(stream: io::Result<TcpStream>) -> io::Result<Vec<u8>> {
    let stream = stream?;
    stream.set_nonblocking(true)?;
    let mut stream = tokio::net::TcpStream::from_std(stream)?;
    let mut text = Vec::new();
    timeout(PATIENCE, stream.read_to_end(&mut text)).await??;
    Ok(text)
}

// ANCHOR: open
/// An open loop: sends when a request is due, whatever has been answered.
pub fn send(address: SocketAddr, due: &[Duration]) -> io::Result<Vec<Reply>> {
    let listening = runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()?;
    let (heard, replies) = mpsc::channel();
    let start = Instant::now();
    for &due in due {
        thread::sleep(due.saturating_sub(start.elapsed()));
        let sent = start.elapsed();
        let stream = ask(address);
        let heard = heard.clone();
        listening.spawn(async move {
            let end = End::of(answer(stream).await);
            let _ =
                heard.send(Reply { due, sent, ended: start.elapsed(), end });
        });
    }
    drop(heard);
    Ok(replies.iter().collect())
}
// ANCHOR_END: open

// ANCHOR: closed
/// A closed loop: each client waits for an answer before it sends again.
pub fn send_and_wait(
    address: SocketAddr,
    due: &[Duration],
    clients: usize,
) -> Vec<Reply> {
    let start = Instant::now();
    let client = |first| {
        let mut replies = Vec::new();
        for &due in due.iter().skip(first).step_by(clients) {
            thread::sleep(due.saturating_sub(start.elapsed()));
            let sent = start.elapsed(); // late, if the last answer was
            let end = End::of(ask(address).and_then(read_to_end));
            replies.push(Reply { due, sent, ended: start.elapsed(), end });
        }
        replies
    };
    thread::scope(|scope| {
        let clients: Vec<_> =
            (0..clients).map(|n| scope.spawn(move || client(n))).collect();
        let all = clients.into_iter().filter_map(|client| client.join().ok());
        all.flatten().collect()
    })
}
// ANCHOR_END: closed

fn read_to_end(mut stream: TcpStream) -> io::Result<Vec<u8>> {
    stream.set_read_timeout(Some(PATIENCE))?;
    let mut text = Vec::new();
    stream.read_to_end(&mut text)?;
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn a_schedule_has_the_load_that_it_was_asked_for_and_is_the_same_each_time()
    {
        for (load, count) in [(10, 200), (100, 2_000), (120, 2_400)] {
            let due = schedule(load, SECOND);
            assert_eq!(due.len(), count);
            assert!(due.is_sorted() && due.iter().all(|due| *due < SECOND));
            assert_eq!(due, schedule(load, SECOND));
            // As many in each half, but for chance: four deviations.
            let half = due.iter().filter(|due| **due < SECOND / 2).count();
            let chance = 2.0 * (count as f64).sqrt();
            assert!((half as f64 - count as f64 / 2.0).abs() < chance);
        }
    }

    #[test]
    fn who_finds_a_place_waits_for_the_query_and_the_next_for_a_place() {
        let due = [Duration::ZERO; 2 * PLACES + 1];
        let waited = reckoned(&due);
        assert!(waited[..PLACES].iter().all(|time| *time == QUERY));
        assert!(waited[PLACES..2 * PLACES].iter().all(|t| *t == 2 * QUERY));
        assert_eq!(waited[2 * PLACES], 3 * QUERY);
        assert_eq!(reckoned(&[QUERY, 5 * QUERY]), [QUERY; 2]);
    }

    #[test]
    fn waiting_beyond_the_limit_grows_with_the_length_of_the_run() {
        let longest = |during| reckoned(&schedule(120, during)).pop();
        let (short, long) = (longest(SECOND), longest(2 * SECOND));
        assert!(long > short.map(|time| time + 10 * QUERY));
    }
}
