//! Eighty queries to a PostgreSQL server: one after the other, by threads with
//! a connection each, by tasks that share a pool of connections.
//!
//! Each query takes 5 ms on the server, which only waits: what is measured is
//! how the waits go together, and no database.
//!
//! Runs locally only: it starts a server.
// What waits here is the system's: there is no order of steps for a model
// checker to explore.

use std::env;
use std::fmt;
use std::io;
use std::pin::pin;
use std::process::ExitCode;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use deadpool_postgres::{Manager, Pool};
use tokio::runtime::{self, Runtime};
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_postgres::NoTls;

use crate::blocking::cluster::{self, Address, Cluster, Programs, USER};

pub const QUERIES: usize = 80;
pub const CONNECTIONS: usize = 8;
/// How long a server has to take a connection.
const TO_CONNECT: Duration = Duration::from_secs(10);

// ANCHOR: query
/// 5 ms on the server, and then the number of its process that answers.
pub const QUERY: &str = "select pg_backend_pid() from pg_sleep(0.005)";
// ANCHOR_END: query

/// For each query, which process of the server has answered it: there is one
/// for each connection.
pub type Answers = Result<Vec<i32>, Error>;

/// The server, and connections to it that are open already.
pub struct Database {
    /// Dropped first: they hang up before the server ends.
    connections: Mutex<Vec<Connection>>,
    pub pool: Pool,
    pub runtime: Runtime,
    queries: usize,
    pub address: Address,
    _cluster: Option<Cluster>,
}

// ANCHOR: connection
/// A connection of the crate `postgres`, with the query prepared.
struct Connection {
    client: postgres::Client,
    query: postgres::Statement,
}

impl Connection {
    fn open(address: &Address) -> Result<Connection, Error> {
        let mut client = postgres::Config::from(config(address))
            .connect(NoTls)
            .map_err(|why| Error::connecting(address, why))?;
        let query = client.prepare(QUERY)?;
        Ok(Connection { client, query })
    }

    /// The thread that calls this waits for the answer.
    fn ask(&mut self) -> Result<i32, Error> {
        let row = self.client.query_one(&self.query, &[])?;
        Ok(row.get(0))
    }
}
// ANCHOR_END: connection

// ANCHOR: in_a_loop
/// One query after the other.
pub fn in_a_loop(database: &Database) -> Answers {
    let mut connections = database.connections();
    let connection = &mut connections[0];
    (0..database.queries).map(|_| connection.ask()).collect()
}
// ANCHOR_END: in_a_loop

// ANCHOR: threads
/// A thread for each connection; each takes the next query when it is done.
pub fn threads(database: &Database) -> Answers {
    let taken = AtomicUsize::new(0);
    let mine = || taken.fetch_add(1, Relaxed) < database.queries;
    let work = |connection: &mut Connection| -> Answers {
        let mut answers = Vec::new();
        while mine() {
            answers.push(connection.ask()?);
        }
        Ok(answers)
    };
    let mut connections = database.connections();
    thread::scope(|scope| {
        let start = |connection| scope.spawn(|| work(connection));
        let workers: Vec<_> = connections.iter_mut().map(start).collect();
        let answers: Result<Vec<_>, _> = workers
            .into_iter()
            .map(|worker| worker.join().expect("no worker panics"))
            .collect();
        Ok(answers?.into_iter().flatten().collect())
    })
}
// ANCHOR_END: threads

// ANCHOR: tasks
/// A task for each query, all on this thread; the pool lends connections.
pub fn tasks(database: &Database) -> Answers {
    database.runtime.block_on(async {
        let mut asked = JoinSet::new();
        for _ in 0..database.queries {
            let pool = database.pool.clone();
            asked.spawn(async move { ask(&pool).await });
        }
        asked.join_all().await.into_iter().collect()
    })
}

/// Waits for a connection, and then for the answer.
async fn ask(pool: &Pool) -> Result<i32, Error> {
    let client = pool.get().await?;
    let query = client.prepare_cached(QUERY).await?; // once a connection
    let row = client.query_one(&query, &[]).await?;
    Ok(row.get(0))
} // dropping `client` gives it back
// ANCHOR_END: tasks

// ANCHOR: in_time
/// The answer, if it comes in time. Otherwise the server is told to stop.
pub async fn ask_in_time(
    client: &tokio_postgres::Client,
    query: &str,
    patience: Duration,
) -> Result<tokio_postgres::Row, Error> {
    let mut answer = pin!(client.query_one(query, &[]));
    match timeout(patience, answer.as_mut()).await {
        Ok(answer) => Ok(answer?),
        Err(_elapsed) => {
            client.cancel_token().cancel_query(NoTls).await?;
            Ok(answer.await?) // "canceled", or here after all
        }
    }
}
// ANCHOR_END: in_time

/// As many waits as there are queries, without any server.
pub fn waits_alone(database: &Database) -> Answers {
    for _ in 0..database.queries {
        thread::sleep(Duration::from_millis(5));
    }
    Ok(vec![0; database.queries])
}

impl Database {
    /// Starts a server and connects to it. Where PostgreSQL is not installed,
    /// there is none: [`cluster::available`] says why.
    pub fn open(arguments: &[String]) -> Result<Database, Error> {
        let queries = queries(arguments)?;
        let cluster = match Cluster::start() {
            Ok(cluster) => Some(cluster),
            Err(cluster::Error::Missing(_)) => None,
            Err(error) => return Err(error.into()),
        };
        let address = cluster.as_ref().map(|cluster| cluster.address.clone());
        let mut database = Database::at(address, CONNECTIONS, queries)?;
        database._cluster = cluster;
        Ok(database)
    }

    /// The same at a server that runs already, or at none.
    pub fn at(
        address: Option<Address>,
        connections: usize,
        queries: usize,
    ) -> Result<Database, Error> {
        let runtime =
            runtime::Builder::new_current_thread().enable_all().build()?;
        let there = address.is_some();
        let nowhere = || Address { host: "127.0.0.1".into(), port: 1 };
        let address = address.unwrap_or_else(nowhere);
        let manager = Manager::new(config(&address), NoTls);
        let pool = Pool::builder(manager).max_size(connections).build()?;
        let mut database = Database {
            connections: Mutex::default(),
            pool,
            runtime,
            queries,
            address,
            _cluster: None,
        };
        if there {
            database.connect(connections)?;
        }
        Ok(database)
    }

    /// Opens as many connections for each form as it will have.
    fn connect(&mut self, connections: usize) -> Result<(), Error> {
        let open = |_| Connection::open(&self.address);
        let opened = (0..connections).map(open).collect::<Result<_, _>>()?;
        self.connections = Mutex::new(opened);
        self.runtime.block_on(async {
            let mut lent = Vec::new();
            for _ in 0..connections {
                let client = self.pool.get().await?;
                client.prepare_cached(QUERY).await?;
                lent.push(client);
            }
            Ok(())
        })
    }

    fn connections(&self) -> MutexGuard<'_, Vec<Connection>> {
        self.connections.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What the Python form is told.
    pub fn for_script(&self) -> Vec<String> {
        let numbers = [self.queries, CONNECTIONS].map(|n| n.to_string());
        let address = &self.address;
        let place = [address.host.clone(), address.port.to_string()];
        place.into_iter().chain([USER.into()]).chain(numbers).collect()
    }
}

fn config(address: &Address) -> tokio_postgres::Config {
    let mut config = tokio_postgres::Config::new();
    config.host(&address.host).port(address.port);
    config.user(USER).dbname("postgres").connect_timeout(TO_CONNECT);
    config
}

/// Whether the program `pgbench` is there; else, why not.
pub fn has_pgbench() -> Result<(), String> {
    let programs = Programs::find().map_err(|error| error.to_string())?;
    if programs.path("pgbench").is_file() {
        return Ok(());
    }
    let install = "`apt-get install postgresql-contrib` installs it on Debian";
    Err(format!("pgbench was not found beside PostgreSQL; {install}"))
}

/// The path of `pgbench`, where it is.
pub fn pgbench() -> String {
    let programs = Programs::find().map(|programs| programs.path("pgbench"));
    let path = programs.unwrap_or_else(|_| "pgbench".into());
    path.to_string_lossy().into_owned()
}

// ANCHOR: main
pub fn main() -> ExitCode {
    if let Err(why) = cluster::available() {
        println!("not available here: {why}");
        return ExitCode::SUCCESS;
    }
    let arguments: Vec<String> = env::args().skip(1).collect();
    let printed = || -> Result<(), Error> {
        let database = Database::open(&arguments)?;
        println!("a server of its own at {}", database.address);
        for (form, name) in [
            (in_a_loop as fn(&Database) -> Answers, "loop"),
            (threads, "threads"),
            (tasks, "tasks"),
        ] {
            println!("{name}: {}", told(form(&database)?));
        }
        Ok(())
    };
    match printed() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            let usage = matches!(error, Error::Usage(_));
            ExitCode::from(if usage { 2 } else { 1 })
        }
    }
}
// ANCHOR_END: main

/// How many answers there are, over how many connections.
fn told(mut answers: Vec<i32>) -> String {
    let all = answers.len();
    answers.sort_unstable();
    answers.dedup();
    format!("{all} answers, connections that gave them: {}", answers.len())
}

/// The listing's only option.
fn queries(arguments: &[String]) -> Result<usize, Error> {
    let wrong = |what: String| {
        Err(Error::Usage(format!("{what}; the option is `--queries N`")))
    };
    match arguments {
        [] => Ok(QUERIES),
        [option, number] if option == "--queries" => match number.parse() {
            Ok(queries @ 1..=100_000) => Ok(queries),
            _ => wrong(format!("`{number}` is no number from 1 to 100000")),
        },
        [option, ..] => wrong(format!("`{option}` is not understood")),
    }
}

/// Why there is no answer.
#[derive(Debug)]
pub enum Error {
    Usage(String),
    Server(cluster::Error),
    Connecting {
        address: Address,
        why: String,
    },
    Query(String),
    /// The pool had no connection to lend.
    Pool(String),
    Io(io::Error),
}

impl Error {
    fn connecting(address: &Address, why: tokio_postgres::Error) -> Error {
        Error::Connecting { address: address.clone(), why: causes(&why) }
    }
}

/// The error's words, and those of what caused it.
fn causes(error: &dyn std::error::Error) -> String {
    let mut words = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let said = error.to_string();
        if !words.ends_with(&said) {
            words = format!("{words}: {said}");
        }
        cause = error.source();
    }
    words
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Usage(what) => f.write_str(what),
            Error::Server(error) => error.fmt(f),
            Error::Connecting { address, why } => {
                write!(f, "connecting to PostgreSQL at {address}: {why}")
            }
            Error::Query(why) => write!(f, "a query to PostgreSQL: {why}"),
            Error::Pool(why) => write!(f, "the pool of connections: {why}"),
            Error::Io(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for Error {}

impl From<cluster::Error> for Error {
    fn from(error: cluster::Error) -> Error {
        Error::Server(error)
    }
}

impl From<tokio_postgres::Error> for Error {
    fn from(error: tokio_postgres::Error) -> Error {
        Error::Query(causes(&error))
    }
}

impl From<deadpool_postgres::PoolError> for Error {
    fn from(error: deadpool_postgres::PoolError) -> Error {
        Error::Pool(causes(&error))
    }
}

impl From<deadpool_postgres::BuildError> for Error {
    fn from(error: deadpool_postgres::BuildError) -> Error {
        Error::Pool(causes(&error))
    }
}

impl From<io::Error> for Error {
    fn from(error: io::Error) -> Error {
        Error::Io(error)
    }
}
