//! PBKDF2-HMAC-SHA512 of each document: work that computes, cut into pieces
//! that need nothing of each other.
//!
//! Runs locally only: one of its forms starts processes.

use std::env;
use std::fmt;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::num::NonZeroU32;
use std::panic;
use std::path::PathBuf;
use std::process::{Command, ExitCode, Stdio};
use std::thread::{self, ScopedJoinHandle};

use data_encoding::HEXLOWER;
use rayon::prelude::*;
use ring::pbkdf2;
use tracing::info_span;

use crate::corpus::{self, Document, ReadError};

// ANCHOR: types
/// The work: every document is hashed, this many times over.
pub struct Books {
    pub documents: Vec<Document>,
    pub iterations: NonZeroU32,
    /// Where the documents come from, unless they are the eight tales.
    pub folder: Option<PathBuf>,
}

/// A document's hash: 64 bytes as 128 lower-case hexadecimal digits.
pub type Hash = String;
// ANCHOR_END: types

// ANCHOR: hash
/// The key that PBKDF2-HMAC-SHA512 derives from the text and the salt `salt`.
/// Source of the algorithm: RFC 8018, section 5.2.
pub fn hash(text: &[u8], iterations: NonZeroU32) -> Hash {
    let mut key = [0; 64];
    pbkdf2::derive(
        pbkdf2::PBKDF2_HMAC_SHA512,
        iterations,
        b"salt",
        text,
        &mut key,
    );
    HEXLOWER.encode(&key)
}

impl Books {
    fn hash(&self, document: &Document) -> Hash {
        let _hashing = info_span!("hash", title = document.title).entered();
        hash(document.text.as_bytes(), self.iterations)
    }

    /// The documents cut into at most this many equal runs, the last one
    /// shorter where it must be.
    fn split(&self, runs: usize) -> impl Iterator<Item = &[Document]> {
        self.documents.chunks(self.documents.len().div_ceil(runs.max(1)).max(1))
    }
}
// ANCHOR_END: hash

// ANCHOR: sequential
/// One document after the other.
pub fn sequential(books: &Books) -> Vec<Hash> {
    books.documents.iter().map(|document| books.hash(document)).collect()
}
// ANCHOR_END: sequential

// ANCHOR: threads
/// Split: a run of documents for each thread. Run. Put together: the runs in
/// their order.
pub fn threads(books: &Books, threads: usize) -> Vec<Hash> {
    thread::scope(|scope| {
        let workers: Vec<_> = books
            .split(threads)
            .map(|run| {
                scope.spawn(move || {
                    run.iter().map(|d| books.hash(d)).collect::<Vec<_>>()
                })
            })
            .collect();
        workers.into_iter().flat_map(result_of).collect()
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

// ANCHOR: rayon
/// The same in one line. Making the pool of threads is part of the work here,
/// as in `threads`; a program makes it once.
pub fn rayon(books: &Books, threads: usize) -> Result<Vec<Hash>, Error> {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build()?;
    Ok(pool.install(|| {
        books
            .documents
            .par_iter()
            .map(|document| books.hash(document))
            .collect()
    }))
}
// ANCHOR_END: rayon

// ANCHOR: processes
/// This program again, several times. Nothing is shared: documents go in
/// through each worker's standard input, hashes come back through its standard
/// output.
pub fn processes(books: &Books, workers: usize) -> Result<Vec<Hash>, Error> {
    thread::scope(|scope| {
        let conversations: Vec<_> = books
            .split(workers)
            .map(|run| scope.spawn(|| hash_elsewhere(run, books.iterations)))
            .collect();
        let runs: io::Result<Vec<_>> =
            conversations.into_iter().map(result_of).collect();
        Ok(runs?.into_iter().flatten().collect())
    })
}

/// Hands one document after the other to a worker of its own, and waits for
/// each hash.
fn hash_elsewhere(
    run: &[Document],
    iterations: NonZeroU32,
) -> io::Result<Vec<Hash>> {
    let mut worker = Command::new(env::current_exe()?)
        .args(["hash-worker", "--iterations", &iterations.to_string()])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    let gone = || io::Error::other("a worker process has no pipe");
    let mut to_worker = worker.stdin.take().ok_or_else(gone)?;
    let mut from_worker =
        BufReader::new(worker.stdout.take().ok_or_else(gone)?).lines();
    let mut hashes = Vec::new();
    for document in run {
        let _waiting =
            info_span!("wait for worker", title = document.title).entered();
        write!(to_worker, "{}\n{}", document.text.len(), document.text)?;
        let hash = from_worker.next().transpose()?;
        hashes.push(
            hash.ok_or_else(|| {
                io::Error::other("a worker process ended early")
            })?,
        );
    }
    drop(to_worker); // the end of its input is the end of the worker
    worker.wait()?;
    Ok(hashes)
}
// ANCHOR_END: processes

// ANCHOR: worker
/// What a worker process does until its input ends: reads the length of a text
/// in bytes, a line break and the text; writes its hash and a line break.
pub fn worker() -> ExitCode {
    let arguments: Vec<String> = arguments().skip(1).collect();
    finish(Options::parse(&arguments).and_then(|options| {
        let (mut input, mut output) = (io::stdin().lock(), io::stdout().lock());
        let mut length = String::new();
        while input.read_line(&mut length)? > 0 {
            let mut text =
                vec![0; length.trim().parse().map_err(io::Error::other)?];
            input.read_exact(&mut text)?;
            writeln!(output, "{}", hash(&text, options.iterations))?;
            length.clear();
        }
        Ok(())
    }))
}
// ANCHOR_END: worker

// ANCHOR: main
pub fn main() -> ExitCode {
    let arguments: Vec<String> = arguments().collect();
    finish(Books::open(&arguments).and_then(|books| {
        let threads = thread::available_parallelism()?.get();
        let hashes = rayon(&books, threads)?;
        let tsv_wanted = Options::parse(&arguments)?.tsv;
        let text = if tsv_wanted {
            tsv(&books, &hashes)
        } else {
            table(&books, &hashes)
        };
        Ok(io::stdout().write_all(text.as_bytes())?)
    }))
}
// ANCHOR_END: main

impl Books {
    /// Reads the documents.
    pub fn open(arguments: &[String]) -> Result<Books, Error> {
        let Options { corpus: folder, iterations, .. } =
            Options::parse(arguments)?;
        Ok(Books {
            documents: corpus::read(folder.as_deref())?,
            iterations,
            folder,
        })
    }
}

/// Title and hash, a tab between them. A tab or line break in a title is
/// written as a space.
pub fn tsv(books: &Books, hashes: &[Hash]) -> String {
    let titles = books
        .documents
        .iter()
        .map(|d| d.title.replace(['\t', '\n', '\r'], " "));
    titles
        .zip(hashes)
        .map(|(title, hash)| format!("{title}\t{hash}\n"))
        .collect()
}

/// The same for people to read: of each hash the first 16 digits.
fn table(books: &Books, hashes: &[Hash]) -> String {
    let widths =
        books.documents.iter().map(|document| document.title.chars().count());
    let width = widths.max().unwrap_or(0);
    let lines = books.documents.iter().zip(hashes);
    lines
        .map(|(book, hash)| {
            format!("{:width$}  {}…\n", book.title, &hash[..16])
        })
        .collect()
}

/// What the program understands, each option with what holds without it.
const USAGE: &str = "\
options:
  --corpus DIR      the *.txt files of a folder instead of the eight tales
  --iterations N    how often each document is hashed, from 1 (80000)
  --tsv             title and hash, tab-separated, and nothing else
";

/// What the command line asks for.
#[derive(Debug, PartialEq)]
pub struct Options {
    pub corpus: Option<PathBuf>,
    pub iterations: NonZeroU32,
    pub tsv: bool,
}

/// Sized so that one core needs about a third of a second for the eight tales.
const ITERATIONS: NonZeroU32 = NonZeroU32::new(80_000).unwrap();

impl Options {
    pub fn parse(arguments: &[String]) -> Result<Options, Error> {
        let mut options =
            Options { corpus: None, iterations: ITERATIONS, tsv: false };
        let mut rest = arguments.iter();
        while let Some(option) = rest.next() {
            let mut value = || {
                rest.next().ok_or_else(|| {
                    Error::Usage(format!("`{option}` needs a value after it"))
                })
            };
            match option.as_str() {
                "--corpus" => options.corpus = Some(value()?.into()),
                "--iterations" => options.iterations = iterations(value()?)?,
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
}

fn iterations(text: &str) -> Result<NonZeroU32, Error> {
    let wrong = |_| {
        Error::Usage(format!(
            "`{text}` is no number of iterations: it is from 1 to {}",
            u32::MAX
        ))
    };
    text.parse().map_err(wrong)
}

/// The program's arguments without its name; what is not Unicode is replaced,
/// and then not found.
fn arguments() -> impl Iterator<Item = String> {
    env::args_os()
        .skip(1)
        .map(|argument| argument.to_string_lossy().into_owned())
}

/// Says on standard error what went wrong. The status is 2 for a command line
/// that cannot be understood, 1 for everything else.
fn finish(done: Result<(), Error>) -> ExitCode {
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error @ Error::Usage(_)) => {
            eprint!("error: {error}\n\n{USAGE}");
            ExitCode::from(2)
        }
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Why there are no hashes.
#[derive(Debug)]
pub enum Error {
    Usage(String),
    Reading(ReadError),
    Pool(rayon::ThreadPoolBuildError),
    Io(io::Error),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Usage(what) => f.write_str(what),
            Error::Reading(error) => error.fmt(f),
            Error::Pool(error) => write!(f, "starting threads: {error}"),
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

impl From<rayon::ThreadPoolBuildError> for Error {
    fn from(error: rayon::ThreadPoolBuildError) -> Error {
        Error::Pool(error)
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

    #[test]
    fn the_hash_is_the_published_one() {
        // Source: the PBKDF2-HMAC-SHA512 vectors for `password` and `salt`,
        // after RFC 6070.
        let once = "867f70cf1ade02cff3752599a3a53dc4af34c7a669815ae5d513554e1c8cf252\
                    c02d470a285a0501bad999bfe943c08f050235d7d68b1da55e63f73b60a57fce";
        let twice = "e1d9c16aa681708a45f5c7c4e215ceb66e011a2e9f0040713f18aefdb866d53c\
                     f76cab2868a39b9f7840edce4fef5a82be67335c77a6068e04112754f27ccf4e";
        assert_eq!(hash(b"password", NonZeroU32::new(1).unwrap()), once);
        assert_eq!(hash(b"password", NonZeroU32::new(2).unwrap()), twice);
    }

    #[test]
    fn every_number_of_threads_gives_the_same_hashes_in_order() {
        let books = Books {
            documents: corpus::tales(),
            iterations: NonZeroU32::new(3).unwrap(),
            folder: None,
        };
        let expected = sequential(&books);
        assert_eq!(expected.len(), 8);
        for n in [1, 2, 3, 5, 8, 13] {
            assert_eq!(threads(&books, n), expected);
            assert_eq!(rayon(&books, n).unwrap(), expected);
        }
    }

    #[test]
    fn iterations_are_counted_from_one() {
        for wrong in ["0", "-1", "", "many", "4294967296"] {
            assert!(
                matches!(iterations(wrong), Err(Error::Usage(_))),
                "{wrong}"
            );
        }
        assert_eq!(iterations("1000000").unwrap().get(), 1_000_000);
    }
}
