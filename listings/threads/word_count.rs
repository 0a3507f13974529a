//! The most common word of each document, fetched over HTTP: one after the
//! other, and at the same time.
//!
//! Words are split at white space and lower-cased; stop words do not count; of
//! words that are equally common the first in the document wins.
//!
//! Runs locally only: it opens sockets and starts a process.

use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};
use std::io::{self, Write};
use std::panic;
use std::process::ExitCode;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, mpsc};
use std::thread::{self, ScopedJoinHandle};

use tokio::runtime;
use tracing::{Instrument, info_span};

use crate::command_line::{arguments, exit_code};
use crate::threads::word_count::error::Error;
use crate::threads::word_count::library::Library;
use crate::threads::word_count::options::{Options, USAGE};
use crate::threads::word_count::report::{columns, tsv};

pub mod error;
pub mod library;
pub mod options;
pub mod report;
pub mod server;

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

/// The counting without the fetching: what all the waiting is for.
pub fn count_only(library: &Library) -> Vec<TopWord> {
    let stop_words = &library.stop_words;
    library
        .documents
        .iter()
        .map(|document| top_word(&document.title, &document.text, stop_words))
        .collect()
}

pub fn main() -> ExitCode {
    exit_code(USAGE, || {
        let arguments = arguments();
        let library = Library::open(&arguments)?;
        let answers = pool(&library, 8)?;
        let print = if Options::parse(&arguments)?.tsv { tsv } else { columns };
        Ok(io::stdout().write_all(print(&answers).as_bytes())?)
    })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::net::TcpListener;

    use super::*;
    use crate::corpus::{self, Document};
    use crate::threads::word_count::server::answer_requests;

    fn document(title: &str, text: &str) -> Document {
        Document { title: title.into(), text: text.into() }
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
}
