//! PBKDF2-HMAC-SHA512 of each document: work that computes, cut into pieces
//! that need nothing of each other.
//!
//! Runs locally only: one of its forms starts processes.

use std::env;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::num::NonZeroU32;
use std::panic;
use std::path::PathBuf;
use std::process::{Command, ExitCode, Stdio};
use std::thread::{self, ScopedJoinHandle};

use data_encoding::HEXLOWER;
use rayon::prelude::*;
use rayon::{ThreadPoolBuildError, ThreadPoolBuilder};
use ring::pbkdf2;
use tracing::info_span;

use crate::command_line::{arguments, arguments_of_role, exit_code};
use crate::corpus::Document;
use crate::data_parallelism::hash_books::options::{Options, USAGE};
use crate::data_parallelism::hash_books::report::{table, tsv};

pub mod options;
pub mod report;

// ANCHOR: sequential
/// The work: every document is hashed, this many times over.
pub struct Books {
    pub documents: Vec<Document>,
    pub iterations: NonZeroU32,
    /// Where the documents come from, unless they are the eight tales.
    pub folder: Option<PathBuf>,
}

/// A document's hash: 64 bytes as 128 lower-case hexadecimal digits.
pub type Hash = String;

/// The key that PBKDF2-HMAC-SHA512 derives from the text and the salt `salt`.
/// Source of the algorithm: RFC 8018, section 5.2.
pub fn hash(text: &[u8], iterations: NonZeroU32) -> Hash {
    let algorithm = pbkdf2::PBKDF2_HMAC_SHA512;
    let mut key = [0; 64];
    pbkdf2::derive(algorithm, iterations, b"salt", text, &mut key);
    HEXLOWER.encode(&key)
}

impl Books {
    fn hash(&self, document: &Document) -> Hash {
        let _hashing = info_span!("hash", title = document.title).entered();
        hash(document.text.as_bytes(), self.iterations)
    }
}

/// One document after the other.
pub fn sequential(books: &Books) -> Vec<Hash> {
    books.documents.iter().map(|document| books.hash(document)).collect()
}
// ANCHOR_END: sequential

// ANCHOR: threads
impl Books {
    /// The documents cut into at most this many equal runs, the last one
    /// shorter where it must be.
    fn split(&self, runs: usize) -> impl Iterator<Item = &[Document]> {
        self.documents.chunks(self.documents.len().div_ceil(runs.max(1)).max(1))
    }
}

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
pub fn rayon(
    books: &Books,
    threads: usize,
) -> Result<Vec<Hash>, ThreadPoolBuildError> {
    let pool = ThreadPoolBuilder::new().num_threads(threads).build()?;
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
pub fn processes(books: &Books, workers: usize) -> io::Result<Vec<Hash>> {
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
    let ended = || io::Error::other("a worker process ended early");
    let mut hashes = Vec::new();
    for document in run {
        let title = &document.title;
        let _waiting = info_span!("wait for worker", title).entered();
        write!(to_worker, "{}\n{}", document.text.len(), document.text)?;
        hashes.push(from_worker.next().ok_or_else(ended)??);
    }
    drop(to_worker); // the end of its input is the end of the worker
    worker.wait()?;
    Ok(hashes)
}
// ANCHOR_END: processes

/// What a worker process does until its input ends: reads the length of a text
/// in bytes, a line break and the text; writes its hash and a line break.
pub fn worker() -> ExitCode {
    exit_code(USAGE, || {
        let options = Options::parse(&arguments_of_role())?;
        let (mut input, mut output) = (io::stdin().lock(), io::stdout().lock());
        let mut length = String::new();
        while input.read_line(&mut length)? > 0 {
            let mut text = vec![0; length.trim().parse()?];
            input.read_exact(&mut text)?;
            writeln!(output, "{}", hash(&text, options.iterations))?;
            length.clear();
        }
        Ok(())
    })
}

pub fn main() -> ExitCode {
    exit_code(USAGE, || {
        let options = Options::parse(&arguments())?;
        let books = options.books()?;
        let threads = thread::available_parallelism()?.get();
        let hashes = rayon(&books, threads)?;
        let text = if options.tsv {
            tsv(&books, &hashes)
        } else {
            table(&books, &hashes)
        };
        Ok(io::stdout().write_all(text.as_bytes())?)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::corpus;

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
}
