//! A map over engines: processes on this machine or on others that take named
//! jobs from a queue at a broker.
//!
//! Runs locally only: it needs a broker, and starts processes.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::env;
use std::io::{self, BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, ExitCode, Stdio};
use std::thread;
use std::time::Duration;

use async_nats::jetstream::consumer::PullConsumer;
use futures_util::{StreamExt, future};
use rayon::prelude::*;
use tokio::runtime::{self, Runtime};

use crate::cluster::broker::{Address, Broker, TOKEN};
use crate::cluster::job::{Job, Outcome};
use crate::cluster::queue::{Answer, Error, Queue, Rules, Task, id_of};

/// The controller: it hands out jobs, and asks for their answers.
pub struct Cluster {
    runtime: Runtime,
    pub queue: Queue,
    /// No other controller's, so that ids never meet.
    run: String,
    /// The stream of answers to its own tasks.
    answers: PullConsumer,
    /// How many tasks it has made.
    made: Cell<u64>,
    /// By their ids, the answers that have come.
    known: RefCell<BTreeMap<String, Answer>>,
    pub limits: Limits,
}

/// What holds for the tasks of a controller.
#[derive(Clone, Debug)]
pub struct Limits {
    /// An engine kills a job that takes longer.
    pub job: Duration,
    /// How many deliveries there are before a task is given up.
    pub tries: u64,
    /// How long the controller waits for answers.
    pub all: Duration,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            job: Duration::from_secs(60),
            tries: 3,
            all: Duration::from_secs(600),
        }
    }
}

impl Cluster {
    /// # Errors
    /// If the broker cannot be reached, refuses, or will not do.
    pub fn open(nats: &Address, rules: &Rules) -> Result<Cluster, Error> {
        let runtime = runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .map_err(Error::at("a runtime"))?;
        let queue = runtime.block_on(Queue::open(nats, rules))?;
        let run = format!("{:016x}", rand::random::<u64>());
        let answers = runtime.block_on(queue.answers_of(&run))?;
        Ok(Cluster {
            runtime,
            queue,
            run,
            answers,
            made: Cell::new(0),
            known: RefCell::default(),
            limits: Limits::default(),
        })
    }
}

// ANCHOR: map
impl Cluster {
    /// The outcome of one job.
    pub fn apply(&self, job: Job) -> Result<Outcome, Error> {
        let mut outcomes = self.map(&[job])?;
        outcomes.pop().ok_or(Error::Late(1))
    }

    /// The outcomes, in the order of the jobs. Whichever engine is free takes
    /// the next one.
    pub fn map(&self, jobs: &[Job]) -> Result<Vec<Outcome>, Error> {
        let ids = self.map_async(jobs)?;
        let answers = self.wait(&ids)?;
        Ok(answers.into_iter().map(|answer| answer.outcome).collect())
    }

    /// Puts the jobs into the queue, and returns an id for each: when all are
    /// at the broker, and before they are done.
    pub fn map_async(&self, jobs: &[Job]) -> Result<Vec<String>, Error> {
        let tasks: Vec<Task> = jobs.iter().map(|job| self.task(job)).collect();
        let sent = tasks.iter().map(|task| self.queue.publish(task));
        self.runtime.block_on(future::try_join_all(sent))?;
        Ok(tasks.into_iter().map(|task| task.id).collect())
    }

    /// The answer to this id, if there is one by now.
    pub fn ask(&self, id: &str) -> Result<Option<Answer>, Error> {
        self.runtime.block_on(self.queue.look_up(id))
    }
}
// ANCHOR_END: map

impl Cluster {
    fn task(&self, job: &Job) -> Task {
        let number = self.made.replace(self.made.get() + 1);
        Task {
            id: format!("{}.{number}", self.run),
            job: job.clone(),
            limit: self.limits.job,
            tries: self.limits.tries,
        }
    }

    // ANCHOR: wait
    /// The answers to these ids, as soon as all are there.
    pub fn wait(&self, ids: &[String]) -> Result<Vec<Answer>, Error> {
        let all = async {
            while !ids.iter().all(|id| self.known.borrow().contains_key(id)) {
                self.collect().await?;
            }
            Ok(())
        };
        let in_time = async {
            tokio::time::timeout(self.limits.all, all).await.unwrap_or(Ok(()))
        };
        self.runtime.block_on(in_time)?;
        let known = self.known.borrow();
        let answers: Vec<Answer> =
            ids.iter().filter_map(|id| known.get(id).cloned()).collect();
        match ids.len() - answers.len() {
            0 => Ok(answers),
            missing => Err(Error::Late(missing)),
        }
    }

    /// Waits for answers. One that comes again replaces itself.
    async fn collect(&self) -> Result<(), Error> {
        let asked = self.answers.batch().max_messages(BATCH).expires(STANDS);
        let Ok(mut batch) = asked.messages().await else {
            tokio::time::sleep(STANDS / 10).await; // the link is cut
            return Ok(());
        };
        // A request can be lost, too. The next one follows.
        while let Ok(Some(Ok(message))) =
            tokio::time::timeout(2 * STANDS, batch.next()).await
        {
            let answer = serde_json::from_slice(&message.payload)
                .map_err(Error::at("reading an answer"))?;
            let _ = message.ack().await; // else it comes again
            let id = id_of(&message.subject).to_string();
            self.known.borrow_mut().insert(id, answer);
            if self.answers_are_complete() {
                break;
            }
        }
        Ok(())
    }
    // ANCHOR_END: wait

    /// Waits until every task is acknowledged.
    pub fn wait_until_empty(&self) -> Result<(), Error> {
        let empty = async {
            let empty = self.queue.wait_until_empty();
            tokio::time::timeout(self.limits.all, empty).await
        };
        let never = |_| Error::new("the queue", "it did not get empty in time");
        self.runtime.block_on(empty).map_err(never)?
    }

    /// How many answers are kept under this id.
    pub fn answers_under(&self, id: &str) -> Result<usize, Error> {
        self.runtime.block_on(self.queue.count(id))
    }

    /// Whether no task of this controller is without an answer.
    fn answers_are_complete(&self) -> bool {
        self.known.borrow().len() as u64 == self.made.get()
    }
}

/// How long a request for answers stands, and for how many.
const STANDS: Duration = Duration::from_millis(250);
const BATCH: usize = 100;

// ANCHOR: engines
/// An engine that this program has started.
pub struct Engine {
    process: Child,
    to: Option<ChildStdin>,
    from: BufReader<ChildStdout>,
}

impl Engine {
    /// Starts this program once more, in another role.
    pub fn start(nats: &Address, options: &[&str]) -> Result<Engine, Error> {
        let program = env::current_exe().map_err(Error::at("this program"))?;
        let mut process = Command::new(program)
            .args(["cluster-engine", "--led", "--nats", &nats.host])
            .args(options)
            .env(TOKEN, nats.token.as_deref().unwrap_or(""))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(Error::at("starting an engine"))?;
        let to = process.stdin.take();
        let from = process.stdout.take().map(BufReader::new);
        let from = from.ok_or_else(|| Error::new("an engine", "no pipe"))?;
        Ok(Engine { process, to, from })
    }

    /// Waits until the engine says this word; returns what stands after it.
    pub fn wait_for(&mut self, word: &str) -> Result<String, Error> {
        loop {
            let mut line = String::new();
            match self.from.read_line(&mut line) {
                Ok(0) => return Err(Error::new("an engine", "it ended")),
                Ok(_) => {}
                Err(why) => return Err(Error::new("an engine", why)),
            }
            if let Some(rest) = line.strip_prefix(word) {
                return Ok(rest.trim().into());
            }
        }
    }

    /// Lets it take jobs, or go on where it halted.
    pub fn begin(&mut self) -> Result<(), Error> {
        let to = self.to.as_mut();
        let to = to.ok_or_else(|| Error::new("an engine", "no pipe"))?;
        writeln!(to, "begin").map_err(Error::at("an engine"))
    }

    /// No farewell: what a power cut would do.
    pub fn kill(&mut self) {
        let _ = self.process.kill(); // it can be gone already
        let _ = self.process.wait();
    }
}

impl Drop for Engine {
    /// It ends with its input, and is waited for.
    fn drop(&mut self) {
        drop(self.to.take());
        let _ = io::copy(&mut self.from, &mut io::sink());
        let _ = self.process.wait();
    }
}
// ANCHOR_END: engines

/// What the arms work on: the jobs, and a cluster whose engines are there and
/// have not begun.
pub struct Work {
    pub options: Options,
    pub jobs: Vec<Job>,
    pub cluster: Option<Running>,
}

/// In the order in which they are to end.
pub struct Running {
    engines: RefCell<Vec<Engine>>,
    cluster: Cluster,
    _broker: Option<Broker>,
}

impl Running {
    /// Engines, and a broker of its own if no other was named.
    pub fn start(options: &Options, engines: usize) -> Result<Running, Error> {
        let broker = match options.nats {
            Some(_) => None,
            None => Some(Broker::start().map_err(Error::at("a broker"))?),
        };
        let own = broker.as_ref().map(|broker| broker.address.clone());
        let nats = options.nats.clone().or(own);
        let nats = nats.ok_or_else(|| Error::new("a broker", "none"))?;
        let rules = Rules { room: options.room, ..Rules::default() };
        let mut cluster = Cluster::open(&nats, &rules)?;
        cluster.limits.job = options.limit;
        let started: Result<Vec<Engine>, Error> =
            (0..engines).map(|_| Engine::start(&nats, &[])).collect();
        let mut engines = started?;
        for engine in &mut engines {
            engine.wait_for("ready")?;
        }
        Ok(Running { engines: engines.into(), cluster, _broker: broker })
    }

    /// Lets this many engines begin.
    pub fn begin(&self, engines: usize) -> Result<&Cluster, Error> {
        for engine in self.engines.borrow_mut().iter_mut().take(engines) {
            engine.begin()?;
        }
        Ok(&self.cluster)
    }
}

/// Outcomes in the order of the jobs.
pub type Outcomes = Result<Vec<Outcome>, Error>;

// ANCHOR: sequential
pub fn sequential(work: &Work) -> Outcomes {
    Ok(work.jobs.iter().map(Job::run).collect())
}
// ANCHOR_END: sequential

// ANCHOR: rayon
pub fn rayon(work: &Work, threads: usize) -> Outcomes {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
    let pool = pool.map_err(Error::at("starting threads"))?;
    let jobs = &work.jobs;
    Ok(pool.install(|| jobs.par_iter().map(Job::run).collect()))
}
// ANCHOR_END: rayon

// ANCHOR: on_engines
pub fn engines(work: &Work, engines: usize) -> Outcomes {
    let missing = || Error::new("engines", "none were started");
    let running = work.cluster.as_ref().ok_or_else(missing)?;
    running.begin(engines)?.map(&work.jobs)
}
// ANCHOR_END: on_engines

/// What all arms agree on: to as many digits as two libraries do.
pub fn agreed(outcomes: &Outcomes) -> String {
    match outcomes {
        Ok(outcomes) => outcomes.iter().map(line).collect(),
        Err(error) => panic!("{error}"),
    }
}

fn line(outcome: &Outcome) -> String {
    match outcome {
        Ok(number) => format!("{number:.6}\n"),
        Err(why) => format!("{why}\n"),
    }
}

/// What the command line asks for.
#[derive(Clone, Debug)]
pub struct Options {
    pub nats: Option<Address>,
    pub size: usize,
    pub count: usize,
    pub engines: usize,
    /// What the demo hands out after the matrices.
    pub others: Vec<Job>,
    pub limit: Duration,
    pub room: i64,
}

/// Of such a matrix, a core needs more than 50 ms.
const SIZE: usize = 384;
const COUNT: usize = 8;

/// What the program understands, each option with what holds without it.
const USAGE: &str = "\
options:
  --nats ADDRESS  a broker that runs, as in 127.0.0.1:4222, instead of one of its own;
                  if it asks for a token, that is taken from CLUSTER_TOKEN
  --engines N     how many engines are started here (as many as there are cores)
  --size N        rows of each matrix, and columns (384)
  --count N       how many matrices (8)
  --job JOB       a job after those, as JSON: '\"Fail\"', '{\"Sleep\":{\"milliseconds\":9}}';
                  can be given several times (one that is well and three that fail)
  --limit N       milliseconds after which an engine kills a job (60000)
  --room N        how many jobs the queue holds (100000)
";

impl Options {
    pub fn parse(arguments: &[String]) -> Result<Options, Error> {
        let engines = thread::available_parallelism().map_or(1, |n| n.get());
        let mut options = Options {
            nats: None,
            size: SIZE,
            count: COUNT,
            engines,
            others: Vec::new(),
            limit: Limits::default().job,
            room: Rules::default().room,
        };
        for pair in arguments.chunks(2) {
            let wrong = || {
                let what =
                    format!("`{}` is not understood\n\n{USAGE}", pair[0]);
                Error::Usage(what)
            };
            let text = pair.get(1).ok_or_else(wrong)?;
            let number = text.parse::<usize>().map_err(|_| wrong());
            match pair[0].as_str() {
                "--nats" => options.nats = Some(Address::of(text)),
                "--size" => options.size = number?,
                "--count" => options.count = number?,
                "--engines" => options.engines = number?,
                "--room" => options.room = number? as i64,
                "--limit" => {
                    options.limit = Duration::from_millis(number? as u64);
                }
                "--job" => {
                    let job = serde_json::from_str(text);
                    options.others.push(job.map_err(|_| wrong())?);
                }
                _ => return Err(wrong()),
            }
        }
        Ok(options)
    }

    fn jobs(&self) -> Vec<Job> {
        let job = |number| Job::Eigenvalue { size: self.size, number };
        (0..self.count).map(job).collect()
    }
}

impl Work {
    /// The jobs, and if they are for engines, as many of those as the axis goes
    /// to. They wait to begin.
    pub fn open(
        arguments: &[String],
        for_engines: bool,
    ) -> Result<Work, Error> {
        let options = Options::parse(arguments)?;
        let most = (2 * options.engines).max(4);
        let cluster = || Running::start(&options, most);
        let cluster = for_engines.then(cluster).transpose()?;
        Ok(Work { jobs: options.jobs(), options, cluster })
    }
}

// ANCHOR: main
pub fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    match Options::parse(&arguments).and_then(|options| show(&options)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            let usage = matches!(error, Error::Usage(_));
            ExitCode::from(if usage { 2 } else { 1 })
        }
    }
}

fn show(options: &Options) -> Result<(), Error> {
    let running = Running::start(options, options.engines)?;
    let cluster = running.begin(options.engines)?;

    let jobs = options.jobs();
    let ids = cluster.map_async(&jobs)?;
    println!("{} jobs are in the queue", ids.len());
    let answers = cluster.wait(&ids)?;
    for (number, answer) in answers.iter().enumerate().take(3) {
        print!("matrix {number}: {}", line(&answer.outcome));
    }

    let mut others = options.others.clone();
    if others.is_empty() {
        others = vec![Job::Nothing, Job::Fail, Job::Panic, Job::Crash];
    }
    let ids = cluster.map_async(&others)?;
    for (job, answer) in others.iter().zip(cluster.wait(&ids)?) {
        let tries = answer.delivery;
        print!("{job:?}, delivery {tries}: {}", line(&answer.outcome));
    }
    Ok(())
}
// ANCHOR_END: main

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rayon_gives_the_outcomes_in_order() {
        let small = ["--size", "12", "--count", "7"].map(String::from);
        let work = Work::open(&small, false).unwrap();
        let expected = agreed(&sequential(&work));
        assert_eq!(expected.lines().count(), 7);
        assert_eq!(agreed(&rayon(&work, 3)), expected);
    }

    #[test]
    fn an_option_that_cannot_be_understood_is_named() {
        for wrong in [&["--sise", "3"][..], &["--size"], &["--count", "-1"]] {
            let wrong: Vec<String> =
                wrong.iter().map(|word| word.to_string()).collect();
            let error = Options::parse(&wrong).unwrap_err().to_string();
            assert!(error.contains(&wrong[0]), "{error}");
        }
    }
}
