//! The most common word of each document, fetched over HTTP: one after the
//! other, and at the same time.
//!
//! Words are split at white space and lower-cased; stop words do not count; of
//! words that are equally common the first in the document wins.
//!
//! Runs locally only: it opens sockets and starts a process.

use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};
use std::env;
use std::ffi::OsString;
use std::fmt;
use std::io::{self, BufRead, BufReader, Write};
use std::panic;
use std::path::PathBuf;
use std::process::{Child, Command, ExitCode, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, mpsc};
use std::thread::{self, ScopedJoinHandle};
use std::time::Duration;

use axum::extract;
use axum::http::StatusCode;
use axum::routing::get;
use axum::serve::ListenerExt;
use tokio::net::TcpListener;
use tokio::runtime;
use tracing::{Instrument, info_span};

use crate::corpus::{self, Document, ReadError};

// ANCHOR: types
/// A document's most common word. There is none where nothing is left without
/// the stop words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TopWord {
    pub title: String,
    pub word: Option<String>,
    pub count: usize,
}

/// A line of the library's catalog: where a document can be fetched.
#[derive(Clone, Debug)]
pub struct Entry {
    pub title: String,
    pub url: String,
}

/// Documents that are a request and some waiting away.
pub struct Library {
    pub catalog: Vec<Entry>,
    /// Shared, because a task cannot borrow it.
    stop_words: Arc<StopWords>,
    connections: ureq::Agent,
    /// What the server holds too: for counting without fetching.
    documents: Vec<Document>,
    server: Option<Server>,
    stop_words_file: Option<PathBuf>,
}

pub type StopWords = HashSet<String>;

/// An answer for each document, in the order of the catalog.
pub type Answers = Result<Vec<TopWord>, Error>;
// ANCHOR_END: types

// ANCHOR: top_word
pub fn top_word(title: &str, text: &str, stop_words: &StopWords) -> TopWord {
    let _counting = info_span!("count", title).entered();
    // For each word, how often it was seen and where first.
    let mut seen: HashMap<String, (usize, usize)> = HashMap::new();
    for (position, word) in text.split_whitespace().enumerate() {
        let word = word.to_lowercase();
        if !stop_words.contains(&word) {
            seen.entry(word).or_insert((0, position)).0 += 1;
        }
    }
    let top = seen
        .into_iter()
        .max_by_key(|&(_, (count, first))| (count, Reverse(first)));
    let count = top.as_ref().map_or(0, |&(_, (count, _))| count);
    TopWord { title: title.into(), word: top.map(|(word, _)| word), count }
}
// ANCHOR_END: top_word

// ANCHOR: read
impl Library {
    /// Fetches one document and counts its words.
    pub fn read(&self, entry: &Entry) -> Result<TopWord, Error> {
        let text = self.fetch(entry)?;
        Ok(top_word(&entry.title, &text, &self.stop_words))
    }

    /// Asks for a document and waits until it is here. The thread that calls
    /// this does nothing else.
    fn fetch(&self, entry: &Entry) -> Result<String, Error> {
        let title = &entry.title;
        let _waiting =
            info_span!("wait for document", title, ended_by = "the server")
                .entered();
        self.connections
            .get(&entry.url)
            .call()
            .and_then(|answer| {
                answer.into_body().into_with_config().read_to_string()
            })
            .map_err(|reason| Error::fetching(entry, reason))
    }
}
// ANCHOR_END: read

// ANCHOR: sequential
/// One document after the other.
pub fn sequential(library: &Library) -> Answers {
    let mut answers = Vec::new();
    for entry in &library.catalog {
        answers.push(library.read(entry)?);
    }
    Ok(answers)
}
// ANCHOR_END: sequential

// ANCHOR: threads
/// A thread for each document.
pub fn threads(library: &Library) -> Answers {
    thread::scope(|scope| {
        let readers: Vec<_> = library
            .catalog
            .iter()
            .map(|entry| scope.spawn(move || library.read(entry)))
            .collect();
        readers.into_iter().map(result_of).collect()
    })
}

/// Waits until a thread is done. Had it panicked, its panic goes on here.
fn result_of<T>(thread: ScopedJoinHandle<'_, T>) -> T {
    match thread.join() {
        Ok(result) => result,
        Err(panic) => panic::resume_unwind(panic),
    }
}
// ANCHOR_END: threads

// ANCHOR: pool
/// A few workers, each of which takes the next document as soon as it is done
/// with its last.
pub fn pool(library: &Library, workers: usize) -> Answers {
    let taken = AtomicUsize::new(0);
    let work = || {
        let mut answers = Vec::new();
        loop {
            // No two workers get the same number.
            let number = taken.fetch_add(1, Relaxed);
            let Some(entry) = library.catalog.get(number) else {
                return Ok(answers);
            };
            answers.push((number, library.read(entry)?));
        }
    };
    thread::scope(|scope| {
        let workers: Vec<_> = (0..workers).map(|_| scope.spawn(work)).collect();
        let answers: Result<Vec<_>, Error> =
            workers.into_iter().map(result_of).collect();
        Ok(in_order(answers?.into_iter().flatten()))
    })
}

/// Answers that carry the number of their document, in the order of the
/// catalog.
fn in_order(answers: impl Iterator<Item = (usize, TopWord)>) -> Vec<TopWord> {
    let mut answers: Vec<_> = answers.collect();
    answers.sort_by_key(|&(number, _)| number);
    answers.into_iter().map(|(_, answer)| answer).collect()
}
// ANCHOR_END: pool

// ANCHOR: as_completed
/// A thread for each document; each answer is handled the moment it is there.
pub fn as_completed(
    library: &Library,
    mut handle: impl FnMut(&TopWord),
) -> Answers {
    let (done, completed) = mpsc::channel();
    thread::scope(|scope| {
        for (number, entry) in library.catalog.iter().enumerate() {
            let done = done.clone();
            scope.spawn(move || done.send((number, library.read(entry))));
        }
        drop(done); // now the channel ends with the last thread
        let mut answers = Vec::new();
        for (number, answer) in completed {
            let answer = answer?;
            handle(&answer);
            answers.push((number, answer));
        }
        Ok(in_order(answers.into_iter()))
    })
}
// ANCHOR_END: as_completed

// ANCHOR: tasks
/// A task for each document, all of them on the thread that calls this.
pub fn tasks(library: &Library) -> Answers {
    let one_thread =
        runtime::Builder::new_current_thread().enable_all().build()?;
    one_thread.block_on(async {
        let client = reqwest::Client::builder().no_proxy().build()?;
        let start = |entry: &Entry| {
            let task = info_span!("task", name = entry.title);
            let reader = read_as_task(
                client.clone(),
                entry.clone(),
                library.stop_words.clone(),
            );
            tokio::spawn(reader.instrument(task))
        };
        let readers: Vec<_> = library.catalog.iter().map(start).collect();
        let mut answers = Vec::new();
        for reader in readers {
            answers.push(reader.await.map_err(io::Error::other)??);
        }
        Ok(answers)
    })
}

/// At each `await` the thread is free for the other tasks.
async fn read_as_task(
    client: reqwest::Client,
    entry: Entry,
    stop_words: Arc<StopWords>,
) -> Result<TopWord, Error> {
    let fetch = async {
        let answer = client.get(&entry.url).send().await?;
        answer.error_for_status()?.text().await
    };
    let text = fetch.await.map_err(|reason| Error::fetching(&entry, reason))?;
    Ok(top_word(&entry.title, &text, &stop_words))
}
// ANCHOR_END: tasks

// ANCHOR: count_only
/// The counting without the fetching: what all the waiting is for.
pub fn count_only(library: &Library) -> Vec<TopWord> {
    let stop_words = &library.stop_words;
    library
        .documents
        .iter()
        .map(|document| top_word(&document.title, &document.text, stop_words))
        .collect()
}
// ANCHOR_END: count_only

// ANCHOR: open
impl Library {
    /// Reads the documents, and starts this program once more to serve them.
    pub fn open(arguments: &[String]) -> Result<Library, Error> {
        let options = Options::parse(arguments)?;
        let documents = corpus::read(options.corpus.as_deref())?;
        let stop_words = options.stop_words()?;
        let server = Server::start(&options)?;
        let mut library = Library::at(server.port, documents, stop_words);
        library.server = Some(server);
        library.stop_words_file = options.stop_words;
        Ok(library)
    }

    fn at(
        port: u16,
        documents: Vec<Document>,
        stop_words: StopWords,
    ) -> Library {
        let entry = |(number, document): (usize, &Document)| Entry {
            title: document.title.clone(),
            url: format!("http://127.0.0.1:{port}/{number}"),
        };
        Library {
            catalog: documents.iter().enumerate().map(entry).collect(),
            stop_words: Arc::new(stop_words),
            connections: ureq::Agent::config_builder()
                .proxy(None)
                .build()
                .new_agent(),
            documents,
            server: None,
            stop_words_file: None,
        }
    }

    /// What the Python form is told: the stop words, where the documents are,
    /// and their titles.
    pub fn for_script(&self) -> Vec<OsString> {
        let mut arguments = Vec::new();
        if let Some(file) = &self.stop_words_file {
            arguments.extend(["--stop-words".into(), file.into()]);
        }
        let port = self.server.as_ref().map_or(0, |server| server.port);
        arguments.extend(["--".into(), format!("127.0.0.1:{port}").into()]);
        arguments.extend(
            self.catalog.iter().map(|entry| entry.title.clone().into()),
        );
        arguments
    }
}
// ANCHOR_END: open

// ANCHOR: server
/// The child process that serves the documents. It ends when its standard input
/// does.
struct Server {
    process: Child,
    port: u16,
}

impl Server {
    fn start(options: &Options) -> io::Result<Server> {
        let mut program = Command::new(env::current_exe()?);
        program.arg("serve-library");
        program.args([
            "--latency",
            &format!("{}s", options.latency.as_secs_f64()),
        ]);
        if let Some(folder) = &options.corpus {
            program.arg("--corpus").arg(folder);
        }
        let mut process =
            program.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let mut line = String::new();
        if let Some(output) = process.stdout.take() {
            BufReader::new(output).read_line(&mut line)?;
        }
        match line.trim().parse() {
            Ok(port) => Ok(Server { process, port }),
            Err(_) => Err(io::Error::other(format!(
                "the library's process ended early: {}",
                process.wait()?
            ))),
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.process.stdin.take());
        let _ = self.process.wait(); // it ends by itself; there is nothing to do about an error
    }
}

/// What the child process does: prints its port, then answers every request
/// after the latency.
pub fn serve() -> ExitCode {
    let arguments: Vec<String> = arguments().skip(1).collect();
    let served = || -> Result<(), Error> {
        let options = Options::parse(&arguments)?;
        let documents = corpus::read(options.corpus.as_deref())?;
        runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
            let listener = TcpListener::bind("127.0.0.1:0").await?;
            writeln!(io::stdout(), "{}", listener.local_addr()?.port())?;
            let (mut input, mut nowhere) = (tokio::io::stdin(), tokio::io::sink());
            tokio::select! {
                served = answer_requests(listener, documents, options.latency) => Ok(served?),
                _ = tokio::io::copy(&mut input, &mut nowhere) => Ok(()),
            }
        })
    };
    served().map_or_else(|error| error.report(), |()| ExitCode::SUCCESS)
}

async fn answer_requests(
    listener: TcpListener,
    documents: Vec<Document>,
    latency: Duration,
) -> io::Result<()> {
    let documents = Arc::new(documents);
    let answer = move |extract::Path(number): extract::Path<usize>| {
        let documents = Arc::clone(&documents);
        async move {
            tokio::time::sleep(latency).await;
            let document =
                documents.get(number).ok_or(StatusCode::NOT_FOUND)?;
            Ok::<_, StatusCode>(document.text.clone())
        }
    };
    let at_once = listener.tap_io(|connection| {
        let _ = connection.set_nodelay(true); // without it an answer is only slower
    });
    axum::serve(at_once, axum::Router::new().route("/{number}", get(answer)))
        .await
}
// ANCHOR_END: server

// ANCHOR: main
pub fn main() -> ExitCode {
    let arguments: Vec<String> = arguments().collect();
    let printed = || -> Result<(), Error> {
        let options = Options::parse(&arguments)?;
        let library = Library::open(&arguments)?;
        let answers = pool(&library, 8)?;
        let text = if options.tsv { tsv(&answers) } else { table(&answers) };
        Ok(io::stdout().write_all(text.as_bytes())?)
    };
    printed().map_or_else(|error| error.report(), |()| ExitCode::SUCCESS)
}
// ANCHOR_END: main

/// Title, word and count, a tab between them; a document without words has an
/// empty word and 0. A tab or line break in a title is written as a space.
pub fn tsv(answers: &[TopWord]) -> String {
    let line = |answer: &TopWord| {
        let title = answer.title.replace(['\t', '\n', '\r'], " ");
        format!(
            "{title}\t{}\t{}\n",
            answer.word.as_deref().unwrap_or(""),
            answer.count
        )
    };
    answers.iter().map(line).collect()
}

/// The same for people to read: in columns.
fn table(answers: &[TopWord]) -> String {
    let wide = |texts: &mut dyn Iterator<Item = &str>| {
        texts.map(|text| text.chars().count()).max().unwrap_or(0)
    };
    let word_of =
        |answer: &TopWord| answer.word.clone().unwrap_or("(no word)".into());
    let words: Vec<String> = answers.iter().map(word_of).collect();
    let title_width =
        wide(&mut answers.iter().map(|answer| answer.title.as_str()));
    let word_width = wide(&mut words.iter().map(String::as_str));
    let line = |(answer, word): (&TopWord, &String)| {
        format!(
            "{:title_width$}  {word:word_width$}  {:>3}\n",
            answer.title, answer.count
        )
    };
    answers.iter().zip(&words).map(line).collect()
}

/// What the program understands, each option with what holds without it.
const USAGE: &str = "\
options:
  --corpus DIR       the *.txt files of a folder instead of the eight tales
  --stop-words FILE  words that do not count, one a line, instead of the built-in list
  --latency TIME     how long each document takes to come, as in 40ms or 0.2s (40ms)
  --tsv              title, word and count, tab-separated, and nothing else
";

/// What the command line asks for.
#[derive(Debug, PartialEq)]
pub struct Options {
    pub corpus: Option<PathBuf>,
    pub stop_words: Option<PathBuf>,
    pub latency: Duration,
    pub tsv: bool,
}

impl Options {
    pub fn parse(arguments: &[String]) -> Result<Options, Error> {
        let latency = Duration::from_millis(40);
        let mut options =
            Options { corpus: None, stop_words: None, latency, tsv: false };
        let mut rest = arguments.iter();
        while let Some(option) = rest.next() {
            let mut value = || {
                rest.next().ok_or_else(|| {
                    Error::Usage(format!("`{option}` needs a value after it"))
                })
            };
            match option.as_str() {
                "--corpus" => options.corpus = Some(value()?.into()),
                "--stop-words" => options.stop_words = Some(value()?.into()),
                "--latency" => options.latency = duration(value()?)?,
                "--tsv" => options.tsv = true,
                _ => {
                    return Err(Error::Usage(format!(
                        "there is no option `{option}`"
                    )));
                }
            }
        }
        Ok(options)
    }

    fn stop_words(&self) -> Result<StopWords, Error> {
        let text = match &self.stop_words {
            Some(file) => corpus::read_text(file)?,
            None => include_str!("stop_words.txt").into(),
        };
        let words = text.lines().map(|line| line.trim().to_lowercase());
        Ok(words.filter(|word| !word.is_empty()).collect())
    }
}

/// `40ms` or `0.2s`.
fn duration(text: &str) -> Result<Duration, Error> {
    let (number, unit) = match text.strip_suffix("ms") {
        Some(number) => (number, 0.001),
        None => (text.strip_suffix('s').unwrap_or(""), 1.0),
    };
    let seconds = number.parse().map(|number: f64| number * unit).ok();
    let latency =
        seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    latency.ok_or_else(|| {
        Error::Usage(format!(
            "`{text}` is no latency: write it as in 40ms or 0.2s"
        ))
    })
}

/// The program's arguments without its name; what is not Unicode is replaced,
/// and then not found.
fn arguments() -> impl Iterator<Item = String> {
    env::args_os()
        .skip(1)
        .map(|argument| argument.to_string_lossy().into_owned())
}

/// Why there is no answer.
#[derive(Debug)]
pub enum Error {
    Usage(String),
    Reading(ReadError),
    Fetching { title: String, reason: String },
    Io(io::Error),
}

impl Error {
    fn fetching(entry: &Entry, reason: impl fmt::Display) -> Error {
        Error::Fetching {
            title: entry.title.clone(),
            reason: reason.to_string(),
        }
    }

    /// Says on standard error what went wrong. The status is 2 for a command
    /// line that cannot be understood, 1 for everything else.
    fn report(&self) -> ExitCode {
        eprintln!("error: {self}");
        if let Error::Usage(_) = self {
            eprint!("\n{USAGE}");
            return ExitCode::from(2);
        }
        ExitCode::FAILURE
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Usage(what) => f.write_str(what),
            Error::Reading(error) => error.fmt(f),
            Error::Fetching { title, reason } => {
                write!(f, "fetching `{title}`: {reason}")
            }
            Error::Io(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for Error {}

impl From<ReadError> for Error {
    fn from(error: ReadError) -> Error {
        Error::Reading(error)
    }
}

impl From<reqwest::Error> for Error {
    fn from(error: reqwest::Error) -> Error {
        Error::Io(io::Error::other(error))
    }
}

impl From<io::Error> for Error {
    fn from(error: io::Error) -> Error {
        Error::Io(error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document(title: &str, text: &str) -> Document {
        Document { title: title.into(), text: text.into() }
    }

    fn words(arguments: &[&str]) -> Vec<String> {
        arguments.iter().map(|argument| argument.to_string()).collect()
    }

    fn top(text: &str, stop_words: &[&str]) -> (Option<String>, usize) {
        let answer = top_word(
            "",
            text,
            &stop_words.iter().map(|word| word.to_string()).collect(),
        );
        (answer.word, answer.count)
    }

    /// A library whose server is a thread of the test that is left to the
    /// test's end.
    fn library(documents: Vec<Document>, latency: Duration) -> Library {
        let (ready, port) = mpsc::channel();
        let served = documents.clone();
        thread::spawn(move || {
            runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap()
                .block_on(async {
                    let listener =
                        TcpListener::bind("127.0.0.1:0").await.unwrap();
                    ready.send(listener.local_addr().unwrap().port()).unwrap();
                    answer_requests(listener, served, latency).await
                })
        });
        let stop_words = Options::parse(&[]).unwrap().stop_words().unwrap();
        Library::at(port.recv().unwrap(), documents, stop_words)
    }

    #[test]
    fn the_most_common_word_wins_whatever_its_case() {
        assert_eq!(
            top("Lock the lock, LOCK\tthe\n\nDoor", &["the"]),
            (Some("lock".into()), 2)
        );
    }

    #[test]
    fn of_equally_common_words_the_first_wins() {
        assert_eq!(top("b a a b c", &[]), (Some("b".into()), 2));
    }

    #[test]
    fn a_document_without_words_has_no_top_word() {
        for text in ["", " \n\t ", "the The THE"] {
            assert_eq!(top(text, &["the"]), (None, 0));
        }
        assert_eq!(
            tsv(&[top_word("blank", "", &StopWords::new())]),
            "blank\t\t0\n"
        );
    }

    #[test]
    fn every_form_gives_the_same_answer_in_the_order_of_the_catalog() {
        let mut documents = corpus::tales();
        documents.push(document("blank", ""));
        documents.push(document("größer", "Ünder ünder ÜNDER"));
        let library = library(documents, Duration::ZERO);
        let expected = count_only(&library);
        assert_eq!(sequential(&library).unwrap(), expected);
        assert_eq!(threads(&library).unwrap(), expected);
        assert_eq!(pool(&library, 3).unwrap(), expected);
        assert_eq!(tasks(&library).unwrap(), expected);
        let mut handled = 0;
        assert_eq!(as_completed(&library, |_| handled += 1).unwrap(), expected);
        assert_eq!(handled, expected.len());
    }

    #[test]
    fn every_form_says_which_document_could_not_be_fetched() {
        let mut library =
            library(vec![document("here", "here")], Duration::ZERO);
        library.catalog.push(Entry {
            title: "gone".into(),
            url: library.catalog[0].url.replace("/0", "/7"),
        });
        for answer in [
            sequential(&library),
            threads(&library),
            pool(&library, 2),
            as_completed(&library, |_| {}),
            tasks(&library),
        ] {
            let error = answer.unwrap_err().to_string();
            assert!(
                error.starts_with("fetching `gone`: ") && error.contains("404"),
                "{error}"
            );
        }
    }

    #[test]
    fn a_large_document_arrives_whole() {
        let library = library(
            vec![document("large", &"word ".repeat(4_000_000))],
            Duration::ZERO,
        );
        assert_eq!(sequential(&library).unwrap()[0].count, 4_000_000);
        assert_eq!(tasks(&library).unwrap()[0].count, 4_000_000);
    }

    #[test]
    fn latencies_are_milliseconds_or_seconds() {
        assert_eq!(duration("40ms").unwrap(), Duration::from_millis(40));
        assert_eq!(duration("0.2s").unwrap(), Duration::from_millis(200));
        for wrong in ["40", "", "ms", "s", "-1s", "NaNs", "1e300s", "forty ms"]
        {
            assert!(matches!(duration(wrong), Err(Error::Usage(_))), "{wrong}");
        }
    }

    #[test]
    fn an_option_that_cannot_be_understood_is_named() {
        for (arguments, named) in [
            (&["--lattency", "1s"], "--lattency"),
            (&["--tsv", "--corpus"], "--corpus"),
        ] {
            let error =
                Options::parse(&words(arguments)).unwrap_err().to_string();
            assert!(error.contains(named), "{error}");
        }
    }
}
