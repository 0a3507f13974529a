//! How often each word stands in a text: counted in a loop, by rayon, and by
//! a dataflow whose workers are threads, or threads of several processes.
//!
//! The threads are timely's, and no checker runs them: the tests compare the
//! counts for several numbers of workers and processes.
//!
//! Runs locally only: it starts processes, and opens sockets.

use std::cell::RefCell;
use std::collections::HashMap;
use std::env;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::PathBuf;
use std::process::ExitCode;
use std::rc::Rc;
use std::sync::{Arc, Barrier};

use rayon::prelude::*;
use timely::communication::{AllocatorBuilder, WorkerGuards};
use timely::dataflow::InputHandle;
use timely::dataflow::operators::vec::Map;
use timely::dataflow::operators::{Exchange, Input, Inspect};
use timely::execute::execute_from;
use timely::worker::Worker;
use timely::{Config, WorkerConfig};

use crate::cluster::hosts::Error;
use crate::cluster::text::Text;
use crate::cluster::words_process::{self, Processes};

/// How often each word was seen.
pub type Counts = HashMap<String, u64>;

// ANCHOR: count
/// How often each word stands in this block.
fn count(block: &str) -> HashMap<&str, u64> {
    let mut counts = HashMap::new();
    for word in block.split_ascii_whitespace() {
        *counts.entry(word).or_insert(0) += 1;
    }
    counts
}
// ANCHOR_END: count

// ANCHOR: route
/// A number that is the same for this word in every process. (A `HashMap`
/// hashes with a secret of its own, another one in each process.)
fn route(word: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    word.hash(&mut hasher);
    hasher.finish()
}
// ANCHOR_END: route

/// What goes through the exchange.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Sent {
    /// A block's count of each of its words.
    Counted,
    /// Every word by itself.
    EachWord,
}

// ANCHOR: dataflow
/// A worker's part: it counts the words of its blocks, sends each count to the
/// worker that keeps the word, and adds up what comes for its own words.
fn work(
    worker: &mut Worker,
    blocks: Vec<String>,
    sent: Sent,
    before: impl Fn(usize),
) -> Counts {
    let counts = Rc::new(RefCell::new(Counts::new()));
    let kept = Rc::clone(&counts);
    let mut input = InputHandle::<u64, _>::new();
    let (numbers, blocks) = (0..blocks.len(), Rc::new(blocks));
    worker.dataflow(|scope| {
        scope
            .input_from(&mut input)
            .flat_map(move |block: usize| pairs(&blocks[block], sent))
            .exchange(|(word, _)| route(word))
            .inspect(move |(word, count)| {
                add(&mut kept.borrow_mut(), word, *count);
            });
    });
    for block in numbers {
        before(block);
        input.send(block);
        input.flush();
        worker.step();
    }
    input.close();
    while worker.has_dataflows() {
        worker.step_or_park(None);
    }
    counts.take()
}
// ANCHOR_END: dataflow

fn pairs(block: &str, sent: Sent) -> Vec<(String, u64)> {
    let owned = |(word, count): (&str, u64)| (word.to_string(), count);
    match sent {
        Sent::Counted => count(block).into_iter().map(owned).collect(),
        Sent::EachWord => {
            let words = block.split_ascii_whitespace();
            words.map(|word| owned((word, 1))).collect()
        }
    }
}

fn add(counts: &mut Counts, word: &str, count: u64) {
    match counts.get_mut(word) {
        Some(sum) => *sum += count,
        None => {
            counts.insert(word.into(), count);
        }
    }
}

/// The workers of this process. They have their text, and wait.
pub struct Workers {
    guards: WorkerGuards<Counts>,
    gate: Arc<Barrier>,
}

/// How many of the workers are in this process, and how many there are.
#[derive(Clone, Copy, Debug)]
pub struct Share {
    pub here: usize,
    pub all: usize,
}

impl Workers {
    /// Threads of one process.
    pub fn threads(
        text: Text,
        workers: usize,
        sent: Sent,
    ) -> Result<Workers, Error> {
        let config = Config::process(workers).communication;
        let built = config.try_build().map_err(Error::at("timely"))?;
        let share = Share { here: workers, all: workers };
        Workers::start(built.0, built.1, text, share, sent, |_| {})
    }

    /// Returns when all of them are ready. Each calls `before` with the number
    /// of its next block.
    pub fn start(
        builders: Vec<AllocatorBuilder>,
        network: Box<dyn std::any::Any + Send>,
        text: Text,
        share: Share,
        sent: Sent,
        before: impl Fn(usize) + Send + Sync + 'static,
    ) -> Result<Workers, Error> {
        let gate = Arc::new(Barrier::new(share.here + 1));
        let entrance = Arc::clone(&gate);
        let config = WorkerConfig::default();
        let guards = execute_from(builders, network, config, move |worker| {
            let blocks = text.blocks_of(worker.index(), share.all);
            entrance.wait(); // ready
            entrance.wait(); // begin
            work(worker, blocks, sent, &before)
        });
        let guards = guards.map_err(Error::at("timely"))?;
        gate.wait();
        Ok(Workers { guards, gate })
    }

    /// Lets them begin, and waits for their counts. No word is in two of them.
    pub fn run(self) -> Result<Counts, Error> {
        self.gate.wait();
        let mut all = Counts::new();
        for counts in self.guards.join() {
            all.extend(counts.map_err(Error::at("a worker"))?);
        }
        Ok(all)
    }
}

/// What the arms work on.
pub struct Work {
    pub options: Options,
    /// For the arms that do not make their own.
    pub blocks: Arc<Vec<String>>,
}

impl Work {
    pub fn open(arguments: &[String], blocks: bool) -> Result<Work, Error> {
        let options = Options::parse(arguments)?;
        let blocks = match blocks {
            true => options.text.blocks_of(0, 1),
            false => Vec::new(),
        };
        Ok(Work { options, blocks: blocks.into() })
    }
}

/// What each arm has in the end, or why it has not.
pub type Counted = Result<Counts, Error>;

// ANCHOR: sequential
pub fn sequential(work: &Work) -> Counted {
    let mut counts = HashMap::new();
    for block in work.blocks.iter() {
        tally(&mut counts, block);
    }
    Ok(owned(counts))
}
// ANCHOR_END: sequential

fn tally<'a>(counts: &mut HashMap<&'a str, u64>, block: &'a str) {
    for word in block.split_ascii_whitespace() {
        *counts.entry(word).or_insert(0) += 1;
    }
}

fn owned(counts: HashMap<&str, u64>) -> Counts {
    counts.into_iter().map(|(word, count)| (word.into(), count)).collect()
}

// ANCHOR: rayon
/// The threads are there before the clock runs.
pub fn rayon(work: &Work, threads: usize) -> impl FnOnce() -> Counted + use<> {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
    let blocks = Arc::clone(&work.blocks);
    move || {
        let pool = pool.map_err(Error::at("starting threads"))?;
        Ok(pool.install(|| {
            let blocks = blocks.par_iter();
            let counts = blocks.fold(HashMap::new, |mut counts, block| {
                tally(&mut counts, block);
                counts
            });
            owned(counts.reduce(HashMap::new, merged))
        }))
    }
}

fn merged<'a>(
    one: HashMap<&'a str, u64>,
    two: HashMap<&'a str, u64>,
) -> HashMap<&'a str, u64> {
    let (mut large, small) =
        if one.len() < two.len() { (two, one) } else { (one, two) };
    for (word, count) in small {
        *large.entry(word).or_insert(0) += count;
    }
    large
}
// ANCHOR_END: rayon

/// So many workers in this process. They are there before the clock runs.
pub fn threads(
    work: &Work,
    workers: usize,
    sent: Sent,
) -> impl FnOnce() -> Counted + use<> {
    let workers = Workers::threads(work.options.text, workers, sent);
    move || workers?.run()
}

/// So many processes with a worker each. They have started, are connected and
/// have their text before the clock runs.
pub fn processes(
    work: &Work,
    processes: usize,
) -> impl FnOnce() -> Counted + use<> {
    let options = Options { processes, workers: 1, ..work.options.clone() };
    let processes = Processes::start(&options, None);
    move || {
        let mut all = Counts::new();
        for counts in processes?.run()? {
            all.extend(counts);
        }
        Ok(all)
    }
}

/// What all arms agree on: every word with its count.
pub fn agreed(counted: &Counted) -> String {
    match counted {
        Ok(counts) => ranked(counts)
            .into_iter()
            .map(|(word, count)| format!("{word} {count}\n"))
            .collect(),
        Err(error) => panic!("{error}"),
    }
}

/// The most frequent first; of equal ones, the first by the alphabet.
pub fn ranked(counts: &Counts) -> Vec<(&str, u64)> {
    let mut ranked: Vec<(&str, u64)> =
        counts.iter().map(|(word, count)| (word.as_str(), *count)).collect();
    ranked.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
    ranked
}

/// What the command line asks for.
#[derive(Clone, Debug, PartialEq)]
pub struct Options {
    pub text: Text,
    /// In each process.
    pub workers: usize,
    pub processes: usize,
    /// Instead of processes of its own.
    pub hosts: Option<PathBuf>,
    /// Which line of the hosts is this one.
    pub process: usize,
    /// One of its own processes is killed half way.
    pub kill: Option<usize>,
}

const USAGE: &str = "\
options:
  -w N, --workers N    workers, threads of each process (1)
  -n N, --processes N  processes on this machine (2)
  --kill N             kills the process of this number half way
  --hosts FILE         the processes' addresses, one host:port a line, instead of
                       processes on this machine; each of them is started by hand
  --process N          which of the hosts this one is, from 0 (0)
  --words N            how long the text is (4000000)
  --seed N             what it is made from (21)
";

/// A count of them takes a core some tenths of a second.
pub const WORDS: usize = 4_000_000;
/// No machine has room for more.
const MOST: usize = 256;

impl Options {
    pub fn parse(arguments: &[String]) -> Result<Options, Error> {
        let mut options = Options {
            text: Text { seed: 21, words: WORDS },
            workers: 1,
            processes: 2,
            hosts: None,
            process: 0,
            kill: None,
        };
        for pair in arguments.chunks(2) {
            let wrong = || {
                let pair = pair.join(" ");
                Error::Usage(format!("`{pair}` is not understood\n\n{USAGE}"))
            };
            let text = pair.get(1).ok_or_else(wrong)?;
            let number = text.parse::<usize>().map_err(|_| wrong());
            let some = text.parse().ok().filter(|n| (1..=MOST).contains(n));
            let some = some.ok_or_else(wrong);
            match pair[0].as_str() {
                "-w" | "--workers" => options.workers = some?,
                "-n" | "--processes" => options.processes = some?,
                "--kill" => options.kill = Some(number?),
                "--hosts" => options.hosts = Some(text.into()),
                "--process" => options.process = number?,
                "--words" => options.text.words = number?,
                "--seed" => options.text.seed = number? as u64,
                _ => return Err(wrong()),
            }
        }
        match options.kill {
            Some(number) if number >= options.processes => {
                Err(Error::Usage(format!("there is no process {number}")))
            }
            _ => Ok(options),
        }
    }
}

// ANCHOR: main
pub fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let done = Options::parse(&arguments).and_then(|options| {
        match (&options.hosts, options.kill) {
            (Some(hosts), _) => words_process::by_hand(hosts, &options),
            (None, Some(_)) => show(&options),
            (None, None) if arguments.is_empty() => {
                show(&options)?;
                let kill = Some(options.processes - 1);
                // It is the lesson, and not this program's failure.
                show(&Options { kill, ..options }).or_else(|fate| {
                    println!("{fate}");
                    Ok(())
                })
            }
            (None, None) => show(&options),
        }
    });
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            let usage = matches!(error, Error::Usage(_) | Error::Line { .. });
            ExitCode::from(if usage { 2 } else { 1 })
        }
    }
}

fn show(options: &Options) -> Result<(), Error> {
    println!(
        "{} words, {} processes, workers in each: {}",
        options.text.words, options.processes, options.workers
    );
    let processes = Processes::start(options, options.kill)?;
    if let Some(number) = options.kill {
        println!("process {number} is killed half way");
    }
    for (number, counts) in processes.run()?.iter().enumerate() {
        println!("process {number} keeps {}", words_process::shown(counts));
    }
    Ok(())
}
// ANCHOR_END: main

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::text::BLOCK;

    fn small() -> Work {
        let words = (3 * BLOCK + 5).to_string();
        let arguments = ["--words", &words].map(String::from);
        Work::open(&arguments, true).unwrap()
    }

    #[test]
    fn a_dataflow_counts_what_a_loop_counts_with_any_number_of_workers() {
        let work = small();
        let expected = agreed(&sequential(&work));
        assert!(expected.starts_with("ba "), "{}", &expected[..20]);
        let total: u64 = sequential(&work).unwrap().values().sum();
        assert_eq!(total, 3 * BLOCK as u64 + 5);
        for workers in [1, 2, 3, 4, 7] {
            for sent in [Sent::Counted, Sent::EachWord] {
                let counted = threads(&work, workers, sent)();
                assert_eq!(agreed(&counted), expected, "{workers} {sent:?}");
            }
            assert_eq!(agreed(&rayon(&work, workers)()), expected);
        }
    }

    #[test]
    fn an_empty_text_has_no_words() {
        let work = Work::open(&["--words", "0"].map(String::from), true);
        let work = work.unwrap();
        assert_eq!(threads(&work, 2, Sent::Counted)().unwrap().len(), 0);
    }

    #[test]
    fn the_route_of_a_word_uses_every_worker() {
        let counts = sequential(&small()).unwrap();
        for workers in [2, 3, 4, 8] {
            let mut words = vec![0; workers];
            for word in counts.keys() {
                words[route(word) as usize % workers] += 1;
            }
            let fair = counts.len() / workers;
            let near = |&n: &usize| n > fair * 9 / 10 && n < fair * 11 / 10;
            assert!(words.iter().all(near), "{words:?}");
        }
    }

    #[test]
    fn an_option_that_cannot_be_understood_is_named() {
        for wrong in [
            &["--word", "3"][..],
            &["--words"],
            &["-n", "0"],
            &["-w", "-1"],
            &["-w", "257"],
        ] {
            let wrong: Vec<String> =
                wrong.iter().map(|word| word.to_string()).collect();
            let error = Options::parse(&wrong).unwrap_err().to_string();
            assert!(error.contains(&wrong.join(" ")), "{error}");
        }
        let none = ["-n", "2", "--kill", "2"].map(String::from);
        let error = Options::parse(&none).unwrap_err().to_string();
        assert!(error.contains("no process 2"), "{error}");
    }
}
