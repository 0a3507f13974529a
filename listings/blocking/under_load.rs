//! A server in front of a store that works on a fixed number of queries at a
//! time, and what happens when more requests come than it can take.
//!
//! Runs locally only: it opens sockets. No checker runs it: it is made of
//! sockets and clocks. Its tests bring about each ending by its cause.

use std::fmt;
use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use crossbeam_channel::{Sender, bounded, unbounded};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::runtime;
use tokio::sync::oneshot;

use crate::blocking::open_loop::{self, Reply};

// ANCHOR: store
/// Queries that the store works on at a time.
pub const PLACES: usize = 20;
/// How long the store works on each.
pub const QUERY: Duration = Duration::from_millis(10);

pub struct Store {
    queries: Sender<oneshot::Sender<()>>,
    /// Requests that were read and are not answered yet.
    inside: AtomicUsize,
}

/// The answer to a query that the store has no room for.
#[derive(Debug)]
pub struct Full;

impl Store {
    /// With room for so many queries that wait; `None`: for any number.
    pub fn open(room: Option<usize>) -> Store {
        let (queries, waiting) = room.map_or_else(unbounded, bounded);
        for _ in 0..PLACES {
            let waiting = waiting.clone();
            thread::spawn(move || work_on(waiting));
        }
        Store { queries, inside: AtomicUsize::new(0) }
    }

    /// Lines up, and returns what the answer will come through.
    pub fn ask(&self) -> Result<oneshot::Receiver<()>, Full> {
        let (answer, answered) = oneshot::channel();
        self.queries.try_send(answer).map_err(|_| Full)?;
        Ok(answered)
    }
}

/// One place: one query after the other, until the store is dropped.
fn work_on(waiting: crossbeam_channel::Receiver<oneshot::Sender<()>>) {
    for answer in waiting {
        thread::sleep(QUERY);
        let _ = answer.send(()); // whoever asked can be gone
    }
}
// ANCHOR_END: store

impl Store {
    pub fn inside(&self) -> usize {
        self.inside.load(SeqCst)
    }

    fn enter(&self) -> Inside<'_> {
        self.inside.fetch_add(1, SeqCst);
        Inside(self)
    }
}

/// A request that is counted until this is dropped.
struct Inside<'a>(&'a Store);

impl Drop for Inside<'_> {
    fn drop(&mut self) {
        self.0.inside.fetch_sub(1, SeqCst);
    }
}

const FOUND: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nfound";
const FULL: &[u8] =
    b"HTTP/1.1 503 Service Unavailable\r\ncontent-length: 4\r\n\r\nfull";

/// Longer than what a load generator asks.
const LONGEST: usize = 1024;

/// Whether all of a request without a body is there.
fn is_whole(head: &[u8]) -> bool {
    head.ends_with(b"\r\n\r\n")
}

/// Whether the client wants the connection closed after the answer.
fn is_last(head: &[u8]) -> bool {
    let head = String::from_utf8_lossy(head).to_ascii_lowercase();
    head.contains("connection: close")
}

/// Reads one request, and says whether it is the last. `None` where the client
/// has closed the connection, or asks for too long.
fn request(stream: &mut TcpStream) -> io::Result<Option<bool>> {
    let mut head = [0; LONGEST];
    let mut length = 0;
    while !is_whole(&head[..length]) {
        match stream.read(&mut head[length..])? {
            0 => return Ok(None),
            more => length += more,
        }
    }
    Ok(Some(is_last(&head[..length])))
}

/// The same for a task.
async fn awaited_request(
    stream: &mut tokio::net::TcpStream,
) -> io::Result<Option<bool>> {
    let mut head = [0; LONGEST];
    let mut length = 0;
    while !is_whole(&head[..length]) {
        match stream.read(&mut head[length..]).await? {
            0 => return Ok(None),
            more => length += more,
        }
    }
    Ok(Some(is_last(&head[..length])))
}

// ANCHOR: answer
/// One connection, on a thread that waits for the store.
fn answer(mut stream: TcpStream, store: &Store) -> io::Result<()> {
    while let Some(last) = request(&mut stream)? {
        let _counted = store.enter();
        let text = match store.ask() {
            Ok(answered) => answered.blocking_recv().map_or(FULL, |()| FOUND),
            Err(Full) => FULL,
        };
        stream.write_all(text)?;
        if last {
            break;
        }
    }
    Ok(())
}
// ANCHOR_END: answer

// ANCHOR: answer_task
/// One connection, in a task.
async fn answer_task(
    mut stream: tokio::net::TcpStream,
    store: Arc<Store>,
) -> io::Result<()> {
    while let Some(last) = awaited_request(&mut stream).await? {
        let _counted = store.enter();
        let text = match store.ask() {
            Ok(answered) => answered.await.map_or(FULL, |()| FOUND),
            Err(Full) => FULL,
        };
        stream.write_all(text).await?;
        if last {
            break;
        }
    }
    Ok(())
}
// ANCHOR_END: answer_task

/// Who answers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Form {
    /// A thread for each connection.
    Threads,
    /// As many threads as the store has places take one connection each.
    Pool,
    /// A task for each connection, all of them on one thread.
    Tasks,
}

// ANCHOR: forms
impl Form {
    /// Lets everyone in until `stop` is said, and another connection comes.
    fn serve(
        self,
        listener: TcpListener,
        store: Arc<Store>,
        stop: &AtomicBool,
    ) -> io::Result<()> {
        let streams = || {
            let stopped = || stop.load(SeqCst);
            listener.incoming().take_while(move |_| !stopped()).flatten()
        };
        match self {
            Form::Threads => {
                for stream in streams() {
                    let store = Arc::clone(&store);
                    // A thread that the system refuses is a connection that
                    // is closed.
                    let _ = thread::Builder::new()
                        .spawn(move || answer(stream, &store));
                }
            }
            Form::Pool => {
                let (accepted, connections) = unbounded();
                for _ in 0..PLACES {
                    let connections = connections.clone();
                    let store = Arc::clone(&store);
                    thread::spawn(move || {
                        for stream in connections {
                            let _ = answer(stream, &store);
                        }
                    });
                }
                streams().try_for_each(|stream| accepted.send(stream)).ok();
            }
            Form::Tasks => {
                let one_thread = runtime::Builder::new_current_thread()
                    .enable_io()
                    .build()?;
                one_thread.block_on(async {
                    listener.set_nonblocking(true)?;
                    let listener = tokio::net::TcpListener::from_std(listener)?;
                    loop {
                        let accepted = listener.accept().await;
                        if stop.load(SeqCst) {
                            return io::Result::Ok(());
                        }
                        if let Ok((stream, _)) = accepted {
                            tokio::spawn(answer_task(stream, store.clone()));
                        }
                    }
                })?;
            }
        }
        Ok(())
    }
}
// ANCHOR_END: forms

/// Connections that a run has open at most, at both their ends.
const OPEN: usize = 250;

/// Opens as many files as there will be, and closes them. Linux widens the
/// table of a process's files as they are opened, and where there are several
/// threads, that takes milliseconds; so it is done before there are.
pub fn widen() -> io::Result<()> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let open = (0..OPEN).map_while(|_| listener.try_clone().ok());
    drop(open.collect::<Vec<_>>());
    Ok(())
}

/// A server on a thread of its own; dropped, it lets nobody in any more.
pub struct Server {
    pub address: SocketAddr,
    pub store: Arc<Store>,
    stop: Arc<AtomicBool>,
    accepting: Option<JoinHandle<io::Result<()>>>,
}

impl Server {
    /// On this port of 127.0.0.1; 0: on one that is free.
    pub fn start(
        form: Form,
        port: u16,
        room: Option<usize>,
    ) -> io::Result<Server> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))?;
        let address = listener.local_addr()?;
        let store = Arc::new(Store::open(room));
        let stop = Arc::new(AtomicBool::new(false));
        let accepting = {
            let (store, stop) = (Arc::clone(&store), Arc::clone(&stop));
            thread::spawn(move || form.serve(listener, store, &stop))
        };
        Ok(Server { address, store, stop, accepting: Some(accepting) })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop.store(true, SeqCst);
        let _ = TcpStream::connect(self.address); // so that it looks
        if let Some(accepting) = self.accepting.take() {
            let _ = accepting.join();
        }
    }
}

/// What the store can answer in a second, at most.
pub fn most() -> f64 {
    PLACES as f64 / QUERY.as_secs_f64()
}

/// What came of the requests of one run.
pub struct Outcome {
    pub replies: Vec<Reply>,
    /// How many were inside, each time that the count was looked at.
    pub looks: Vec<usize>,
}

impl Outcome {
    /// What Little's law needs, and what it can be compared with.
    pub fn counts(&self) -> [(&'static str, u64); 4] {
        let us = |time: Duration| time.as_micros() as u64;
        let last = self.replies.iter().map(|reply| reply.ended).max();
        [
            ("looks", self.looks.len() as u64),
            ("seen at the looks", self.looks.iter().sum::<usize>() as u64),
            ("µs of the run", us(last.unwrap_or_default())),
            ("µs waited", us(open_loop::waited(&self.replies).iter().sum())),
        ]
    }
}

/// Between two looks.
const LOOK: Duration = Duration::from_millis(1);

/// Sends requests while a thread of its own looks at how many are inside.
pub fn counted(
    server: &Server,
    send: impl FnOnce(SocketAddr) -> io::Result<Vec<Reply>>,
) -> io::Result<Outcome> {
    let over = AtomicBool::new(false);
    thread::scope(|scope| {
        let looking = scope.spawn(|| {
            let mut looks = Vec::new();
            while !over.load(SeqCst) {
                looks.push(server.store.inside());
                thread::sleep(LOOK);
            }
            looks
        });
        let replies = send(server.address);
        over.store(true, SeqCst);
        let looks = looking.join().map_err(|_| io::Error::other("no looks"))?;
        Ok(Outcome { replies: replies?, looks })
    })
}

/// What `serve` is told on the command line.
#[derive(Debug)]
pub struct Options {
    pub port: u16,
    pub form: Form,
    pub room: Option<usize>,
}

impl Options {
    pub fn read(
        mut words: impl Iterator<Item = String>,
    ) -> Result<Options, String> {
        let mut options = Options { port: 0, form: Form::Tasks, room: None };
        while let Some(name) = words.next() {
            let value = words.next().ok_or(format!("{name}: no value"))?;
            let bad = |what| format!("{name} {value}: {what}");
            match name.as_str() {
                "--port" => {
                    options.port =
                        value.parse().map_err(|_| bad("not a port"))?;
                }
                "--room" => {
                    let room = value.parse().map_err(|_| bad("not a number"));
                    options.room = Some(room?);
                }
                "--form" => {
                    options.form = match value.as_str() {
                        "threads" => Form::Threads,
                        "pool" => Form::Pool,
                        "tasks" => Form::Tasks,
                        _ => return Err(bad("not threads, pool or tasks")),
                    }
                }
                _ => return Err(bad("not --port, --form or --room")),
            }
        }
        Ok(options)
    }
}

/// Serves until Ctrl-C.
pub fn serve() -> ExitCode {
    match serve_until_told(std::env::args().skip(2)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("error: {why}");
            ExitCode::FAILURE
        }
    }
}

fn serve_until_told(
    words: impl Iterator<Item = String>,
) -> Result<(), Box<dyn std::error::Error>> {
    let Options { port, form, room } = Options::read(words)?;
    widen()?;
    let server = Server::start(form, port, room)
        .map_err(|error| format!("127.0.0.1:{port}: {error}"))?;
    let waiting = runtime::Builder::new_current_thread().enable_io().build()?;
    waiting.block_on(async {
        let told = tokio::spawn(tokio::signal::ctrl_c());
        tokio::task::yield_now().await; // from here on it is heard
        println!("http://{} ({form:?}); Ctrl-C ends it", server.address);
        told.await.map_err(io::Error::other)?
    })?;
    println!("stopped");
    Ok(())
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut waited = open_loop::waited(&self.replies);
        waited.sort();
        let share = |of: f64| {
            let at = (waited.len() as f64 * of).ceil() as usize;
            waited[at.clamp(1, waited.len()) - 1]
        };
        if waited.is_empty() {
            return write!(f, "no answer");
        }
        let turned_away = self.replies.len() - waited.len();
        write!(f, "p50 {:.1?}, ", share(0.5))?;
        write!(f, "p99 {:.1?}, ", share(0.99))?;
        write!(f, "p99.9 {:.1?}, ", share(0.999))?;
        write!(f, "{turned_away} of {} not answered", self.replies.len())
    }
}

/// Tasks below the limit and beyond it, and then with room for as many as are
/// worked on.
pub fn main() -> io::Result<()> {
    widen()?;
    for (load, room, ms) in [
        (50, None, 1_000),
        (80, None, 1_000),
        (120, None, 100),
        (120, None, 200),
        (120, Some(PLACES), 1_000),
    ] {
        let server = Server::start(Form::Tasks, 0, room)?;
        let due = open_loop::schedule(load, Duration::from_millis(ms));
        let outcome =
            counted(&server, |address| open_loop::send(address, &due))?;
        let room = room.map_or("any number".into(), |n| n.to_string());
        println!("{load} % for {ms} ms, room for {room}: {outcome}");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::blocking::open_loop::{End, schedule, send, send_and_wait};
    use std::net::Shutdown;

    const FORMS: [Form; 3] = [Form::Threads, Form::Pool, Form::Tasks];

    fn counts(replies: &[Reply]) -> (usize, usize, usize) {
        let of = |end| replies.iter().filter(|r| r.end == end).count();
        (of(End::Answered), of(End::Refused), of(End::Failed))
    }

    fn ask_once(address: SocketAddr) -> End {
        send_and_wait(address, &[Duration::ZERO], 1)[0].end
    }

    #[test]
    fn every_request_is_answered_below_the_limit_and_beyond_it() {
        for form in FORMS {
            for load in [50, 120] {
                let server = Server::start(form, 0, None).unwrap();
                let due = schedule(load, Duration::from_millis(100));
                let replies = send(server.address, &due).unwrap();
                assert_eq!(counts(&replies), (due.len(), 0, 0), "{form:?}");
                assert_eq!(server.store.inside(), 0, "{form:?}");
            }
        }
    }

    #[test]
    fn a_store_without_room_refuses_at_once_and_serves_again_later() {
        let server = Server::start(Form::Tasks, 0, Some(5)).unwrap();
        // All at the same time: some are worked on, 5 wait, the rest is refused.
        let due = [Duration::ZERO; 3 * PLACES];
        let replies = send(server.address, &due).unwrap();
        let (answered, refused, failed) = counts(&replies);
        assert_eq!((answered + refused, failed), (due.len(), 0));
        assert!(answered >= 5 && refused > 0, "{answered}, {refused}");
        assert_eq!(ask_once(server.address), End::Answered);
    }

    #[test]
    fn a_client_that_hangs_up_is_no_end_of_the_server() {
        for form in FORMS {
            let server = Server::start(form, 0, None).unwrap();
            let visit = |said: &[u8]| {
                let mut stream = TcpStream::connect(server.address).unwrap();
                stream.write_all(said).unwrap();
                stream
            };
            drop(visit(b"")); // says nothing
            drop(visit(b"GET / HT")); // half of a request
            drop(visit(b"GET / HTTP/1.1\r\n\r\n")); // does not wait
            let mut too_long = visit(&[b'a'; 2 * LONGEST]);
            let _ = too_long.read_to_end(&mut Vec::new()); // is hung up on
            assert_eq!(ask_once(server.address), End::Answered, "{form:?}");
        }
    }

    #[test]
    fn a_client_that_stays_gets_answer_after_answer() {
        for form in FORMS {
            let server = Server::start(form, 0, None).unwrap();
            let mut stream = TcpStream::connect(server.address).unwrap();
            for _ in 0..3 {
                stream.write_all(b"GET / HTTP/1.1\r\n\r\n").unwrap();
                let mut answer = [0; FOUND.len()];
                stream.read_exact(&mut answer).unwrap();
                assert_eq!(answer, FOUND, "{form:?}");
            }
            stream.shutdown(Shutdown::Both).unwrap();
        }
    }

    #[test]
    fn a_server_that_dies_in_the_middle_is_counted_and_waited_for_by_nobody() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let dying = thread::spawn(move || {
            // Some are let in and never answered, and then all is closed.
            let some: Vec<_> = listener.incoming().take(10).collect();
            drop((some, listener));
        });
        let due = schedule(50, Duration::from_millis(100));
        let replies = send(address, &due).unwrap();
        assert_eq!(counts(&replies), (0, 0, due.len()));
        dying.join().unwrap();
        let replies = send_and_wait(address, &due, 4);
        assert_eq!(counts(&replies), (0, 0, due.len()), "nobody listens");
    }

    #[test]
    fn a_port_that_is_taken_is_an_error_and_a_dropped_server_gives_it_back() {
        for form in FORMS {
            let server = Server::start(form, 0, None).unwrap();
            let port = server.address.port();
            let taken = Server::start(form, port, None).err().unwrap();
            assert_eq!(taken.kind(), io::ErrorKind::AddrInUse, "{form:?}");
            drop(server);
            assert!(TcpStream::connect(("127.0.0.1", port)).is_err());
        }
    }

    #[test]
    fn what_serve_does_not_understand_is_named() {
        let read = |words: &str| {
            Options::read(words.split_whitespace().map(String::from))
        };
        for (words, what) in [
            ("--port", "--port: no value"),
            ("--port 99999", "--port 99999: not a port"),
            ("--room many", "--room many: not a number"),
            ("--form fork", "--form fork: not threads, pool or tasks"),
            ("--rate 5", "--rate 5: not --port, --form or --room"),
        ] {
            assert_eq!(read(words).unwrap_err(), what);
        }
        let read = read("--form pool --room 3 --port 80").unwrap();
        assert_eq!(
            (read.form, read.room, read.port),
            (Form::Pool, Some(3), 80)
        );
    }
}
