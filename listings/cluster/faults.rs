//! What becomes of jobs whose engines are killed or cut off, and whose broker is
//! killed: with three promises of the engines.
//!
//! Runs locally only: it needs a broker, and starts processes.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io;
use std::net::{Shutdown, TcpListener, TcpStream};
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use crate::cluster::broker::{Address, Broker};
use crate::cluster::cluster_map::{Cluster, Engine};
use crate::cluster::engine::{Point, Promise};
use crate::cluster::job::Job;
use crate::cluster::queue::{Error, Rules};

/// Jobs of a run, and how many faults there are in it.
pub const JOBS: usize = 8;
pub const FAULTS: usize = 4;
pub const MILLISECONDS: u64 = 20;
/// What is not acknowledged for so long is delivered again.
pub const ACK_WAIT: Duration = Duration::from_millis(300);

/// A broker with a short patience, and a controller. In the order in which they
/// are to end.
pub struct Site {
    cluster: Cluster,
    broker: RefCell<Broker>,
}

/// How many jobs ended in which word.
pub type Endings = Result<BTreeMap<String, u64>, Error>;

impl Site {
    pub fn open(_: &[String]) -> Result<Site, Error> {
        let broker = Broker::start().map_err(Error::at("a broker"))?;
        let rules = Rules { ack_wait: ACK_WAIT, ..Rules::default() };
        let mut cluster = Cluster::open(&broker.address, &rules)?;
        // An engine that is killed uses up a try.
        cluster.limits.tries = 10;
        cluster.limits.all = Duration::from_secs(30);
        Ok(Site { cluster, broker: broker.into() })
    }

    fn address(&self) -> Address {
        self.broker.borrow().address.clone()
    }

    fn engine(&self, at: &Address, options: &[&str]) -> Result<Engine, Error> {
        let options = [options, &["--tell"]].concat();
        let mut engine = Engine::start(at, &options)?;
        engine.begin()?;
        Ok(engine)
    }

    fn publish(&self) -> Result<Vec<String>, Error> {
        let job = Job::Sleep { milliseconds: MILLISECONDS };
        self.cluster.map_async(&vec![job; JOBS])
    }
}

// ANCHOR: calm
/// No fault at all.
pub fn calm(site: &Site) -> Endings {
    let ids = site.publish()?;
    let _engine = site.engine(&site.address(), &[])?;
    site.endings(&ids, &[])
}
// ANCHOR_END: calm

// ANCHOR: killed
/// Engines that are killed at this point, and one that does the rest.
pub fn killed(site: &Site, point: Point, promise: Promise) -> Endings {
    // What was acknowledged first does not come back.
    let gone = if promise == Promise::AtMostOnce { FAULTS } else { 0 };
    let left = JOBS - gone;
    let promise = ["--promise", promise.word()];
    let halting = [&promise[..], &["--halt", point.word()]].concat();
    let victim = |_| site.engine(&site.address(), &halting);
    let published = (point != Point::Idle).then(|| site.publish());
    let victims: Result<Vec<Engine>, Error> = (0..FAULTS).map(victim).collect();
    let (mut victims, mut held) = (victims?, Vec::new());
    for victim in &mut victims {
        held.push(victim.wait_for(point.word())?);
    }
    for victim in &mut victims {
        victim.kill();
    }
    let ids = published.unwrap_or_else(|| site.publish())?;
    let mut engine = site.engine(&site.address(), &promise)?;
    for _ in 0..left {
        engine.wait_for("done")?;
    }
    site.endings(&ids, &held)
}
// ANCHOR_END: killed

// ANCHOR: broker
/// The broker is killed whenever an answer has been given, and started again.
pub fn broker_killed(site: &Site) -> Endings {
    let mut engine = site.engine(&site.address(), &[])?;
    let ids = site.publish()?;
    for _ in 0..FAULTS {
        engine.wait_for("done")?;
        let restarted = site.broker.borrow_mut().restart();
        restarted.map_err(Error::at("the broker"))?;
    }
    site.endings(&ids, &[])
}
// ANCHOR_END: broker

// ANCHOR: cut
/// Engines whose link is cut before they answer. It is mended when another
/// engine has done their jobs, and their answers come too late.
pub fn link_cut(site: &Site) -> Endings {
    let ids = site.publish()?;
    let (mut links, mut victims) = (Vec::new(), Vec::new());
    for _ in 0..FAULTS {
        let broker = site.address();
        let link = Link::to(&broker.host).map_err(Error::at("a link"))?;
        let through = Address { host: link.host.clone(), ..broker };
        let halting = ["--halt", Point::Worked.word()];
        victims.push(site.engine(&through, &halting)?);
        links.push(link);
    }
    let mut held = Vec::new();
    for (victim, link) in victims.iter_mut().zip(&links) {
        held.push(victim.wait_for(Point::Worked.word())?);
        link.cut();
        victim.begin()?; // it goes on, and reaches nobody
    }
    let _engine = site.engine(&site.address(), &[])?;
    site.cluster.wait_until_empty()?;
    for (victim, link) in victims.iter_mut().zip(&links) {
        link.mend();
        victim.wait_for("refused")?;
    }
    site.endings(&ids, &held)
}
// ANCHOR_END: cut

impl Site {
    // ANCHOR: endings
    /// Waits until the queue is empty, and counts the answers under each id.
    fn endings(&self, ids: &[String], held: &[String]) -> Endings {
        self.cluster.wait_until_empty()?;
        let mut endings = BTreeMap::new();
        for id in ids {
            let answers = self.cluster.answers_under(id)?;
            let again = held.contains(id)
                || self.cluster.ask(id)?.is_some_and(|one| one.delivery > 1);
            let word = match (answers, again) {
                (0, _) => "never answered",
                (1, false) => "answered once",
                (1, true) => "delivered again, answered once",
                _ => "answered twice",
            };
            *endings.entry(word.to_string()).or_default() += 1;
        }
        Ok(endings)
    }
    // ANCHOR_END: endings
}

/// A way to the broker that can be cut: what comes in at one end goes out at the
/// other.
struct Link {
    host: String,
    shared: Arc<Shared>,
}

struct Shared {
    /// Where it leads.
    to: String,
    open: AtomicBool,
    over: AtomicBool,
    /// Both ends of each connection.
    sockets: Mutex<Vec<TcpStream>>,
}

impl Link {
    fn to(host: &str) -> io::Result<Link> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let host_of_link = listener.local_addr()?.to_string();
        let shared = Arc::new(Shared {
            to: host.into(),
            open: AtomicBool::new(true),
            over: AtomicBool::new(false),
            sockets: Mutex::default(),
        });
        let link = Link { host: host_of_link, shared: Arc::clone(&shared) };
        thread::spawn(move || {
            for caller in listener.incoming().map_while(Result::ok) {
                if shared.over.load(SeqCst) {
                    return;
                }
                let _ = shared.join(caller); // else the caller hears it
            }
        });
        Ok(link)
    }

    fn cut(&self) {
        self.shared.open.store(false, SeqCst);
        self.shared.hang_up();
    }

    fn mend(&self) {
        self.shared.open.store(true, SeqCst);
    }
}

impl Shared {
    /// Copies both ways, on two threads that end with the connection.
    fn join(&self, caller: TcpStream) -> io::Result<()> {
        let broker = TcpStream::connect(&self.to)?;
        for socket in [&caller, &broker] {
            socket.set_nodelay(true)?;
            let mut sockets = self.lock();
            sockets.push(socket.try_clone()?);
        }
        // A cut that came in between is made up for.
        if !self.open.load(SeqCst) {
            self.hang_up();
        }
        for (from, to) in [(&caller, &broker), (&broker, &caller)] {
            let (mut from, mut to) = (from.try_clone()?, to.try_clone()?);
            thread::spawn(move || {
                let _ = io::copy(&mut from, &mut to); // cut, or at its end
                let _ = to.shutdown(Shutdown::Both);
            });
        }
        Ok(())
    }

    fn hang_up(&self) {
        for socket in self.lock().drain(..) {
            let _ = socket.shutdown(Shutdown::Both); // it can be over already
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<TcpStream>> {
        self.sockets.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        self.shared.over.store(true, SeqCst);
        self.cut();
        let _ = TcpStream::connect(&self.host); // wakes the listener
    }
}

/// A kind of fault: what it is called, and what does it.
pub type Fault = (&'static str, fn(&Site) -> Endings);

pub const RIGHT: [Fault; 7] = [
    ("no fault", calm),
    ("killed while idle", |site| right(site, Point::Idle)),
    ("killed in a job", |site| right(site, Point::Taken)),
    ("killed before the answer", |site| right(site, Point::Worked)),
    ("killed before the acknowledgment", |site| right(site, Point::Answered)),
    ("broker killed", broker_killed),
    ("link cut", link_cut),
];

fn right(site: &Site, point: Point) -> Endings {
    killed(site, point, Promise::FirstAnswer)
}

/// The two other promises, each with the fault that breaks it.
pub const WRONG: [Fault; 2] = [
    ("acknowledged first, killed in a job", |site| {
        killed(site, Point::Taken, Promise::AtMostOnce)
    }),
    ("every answer kept, killed before the acknowledgment", |site| {
        killed(site, Point::Answered, Promise::AtLeastOnce)
    }),
];

// ANCHOR: main
pub fn main() -> ExitCode {
    for (name, fault) in RIGHT.into_iter().chain(WRONG) {
        let began = Instant::now();
        match Site::open(&[]).and_then(|site| fault(&site)) {
            Ok(endings) => {
                let seconds = began.elapsed().as_secs_f64();
                println!("{name} ({seconds:.1} s)");
                for (word, count) in endings {
                    println!("  {count} {word}");
                }
            }
            Err(error) => {
                eprintln!("error: {name}: {error}");
                return ExitCode::FAILURE;
            }
        }
    }
    ExitCode::SUCCESS
}
// ANCHOR_END: main
