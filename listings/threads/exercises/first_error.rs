//! # The first error
//!
//! 35 minutes
//!
//! A pool of workers reads books, and a book can fail to come. Write
//! `read_all`, which returns the texts in the order of the titles, or else an
//! error. When a book fails, two things are asked of it:
//!
//! - A worker that sees that a book has failed begins no other. The books that
//!   have been begun are read to their end.
//! - The error that is returned is the one that a loop over the titles would
//!   have met first, even if another book failed sooner.
//!
//! The tests count how many books were asked for, and let a later book fail
//! before an earlier one. They cannot stop a worker between two of its lines, so
//! there are mistakes that they do not see.
//!
//! Hint: `pool` of the chapter hands out the titles in their order. So when a
//! book fails, every title before it has been begun by some worker. A second
//! shared value can say that it is time to stop: `AtomicBool`.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};
use std::thread;

/// Where the books come from. Any number of threads can read at a time.
pub trait Shelf: Sync {
    /// Waits until the book is here. Returns its text, or why there is none.
    fn read(&self, title: &str) -> Result<String, String>;
}

/// What a worker got: numbers of titles, and what became of each.
pub type Read = Vec<(usize, Result<String, String>)>;

/// Starts so many workers, and waits for them. Returns all they got.
fn with_workers(workers: usize, work: impl Fn() -> Read + Sync) -> Read {
    let work = &work;
    thread::scope(|scope| {
        let workers: Vec<_> = (0..workers).map(|_| scope.spawn(work)).collect();
        let join = |worker: thread::ScopedJoinHandle<Read>| {
            worker.join().expect("a worker panicked: see its message above")
        };
        workers.into_iter().flat_map(join).collect()
    })
}

pub mod starter {
    use super::*;

    /// Reads every book, so many at a time.
    pub fn read_all(
        shelf: &impl Shelf,
        titles: &[&str],
        workers: usize,
    ) -> Result<Vec<String>, String> {
        let next = AtomicUsize::new(0);
        let _stop = AtomicBool::new(false);
        let read = with_workers(workers, || {
            let mut read = Vec::new();
            loop {
                let number = next.fetch_add(1, Relaxed);
                let Some(title) = titles.get(number) else { return read };
                read.push((number, shelf.read(title)));
                // What if it failed?
            }
        });
        // In which order are they?
        read.into_iter().map(|(_, text)| text).collect()
    }
}

pub mod solution {
    use super::*;

    /// Reads every book, so many at a time.
    pub fn read_all(
        shelf: &impl Shelf,
        titles: &[&str],
        workers: usize,
    ) -> Result<Vec<String>, String> {
        let next = AtomicUsize::new(0);
        let stop = AtomicBool::new(false);
        let mut read = with_workers(workers, || {
            let mut read = Vec::new();
            while !stop.load(Relaxed) {
                let number = next.fetch_add(1, Relaxed);
                let Some(title) = titles.get(number) else { break };
                let text = shelf.read(title);
                if text.is_err() {
                    stop.store(true, Relaxed);
                }
                read.push((number, text));
            }
            read
        });
        // Titles are taken in order, and each that was taken is here. So the
        // first error in this order is the one that a loop would have met.
        read.sort_by_key(|&(number, _)| number);
        read.into_iter().map(|(_, text)| text).collect()
    }
}

/// Your worker stops when its own book fails, and the others never hear of it.
/// They go on until the titles run out, so a run that failed at the first book
/// still reads the whole library before it tells you.
///
/// Caught by `the_other_workers_stop_as_well`.
pub mod wrong_stops_alone {
    use super::*;

    pub fn read_all(
        shelf: &impl Shelf,
        titles: &[&str],
        workers: usize,
    ) -> Result<Vec<String>, String> {
        let next = AtomicUsize::new(0);
        let mut read = with_workers(workers, || {
            let mut read = Vec::new();
            loop {
                let number = next.fetch_add(1, Relaxed);
                let Some(title) = titles.get(number) else { return read };
                let text = shelf.read(title);
                let failed = text.is_err();
                read.push((number, text));
                if failed {
                    return read;
                }
            }
        });
        read.sort_by_key(|&(number, _)| number);
        read.into_iter().map(|(_, text)| text).collect()
    }
}

/// You keep the first error that any worker meets, and return that one. Which
/// book fails first is a matter of how far away each of them is, so two runs with
/// the same missing books give you two different errors.
///
/// Caught by `the_error_is_the_one_that_a_loop_would_meet`.
pub mod wrong_first_in_time {
    use super::*;
    use std::sync::OnceLock;

    pub fn read_all(
        shelf: &impl Shelf,
        titles: &[&str],
        workers: usize,
    ) -> Result<Vec<String>, String> {
        let next = AtomicUsize::new(0);
        let first_error = OnceLock::new();
        let mut read = with_workers(workers, || {
            let mut read = Vec::new();
            while first_error.get().is_none() {
                let number = next.fetch_add(1, Relaxed);
                let Some(title) = titles.get(number) else { break };
                match shelf.read(title) {
                    Ok(text) => read.push((number, Ok(text))),
                    // An error that comes later is not kept.
                    Err(error) => drop(first_error.set(error)),
                }
            }
            read
        });
        if let Some(error) = first_error.into_inner() {
            return Err(error);
        }
        read.sort_by_key(|&(number, _)| number);
        read.into_iter().map(|(_, text)| text).collect()
    }
}

/// You give each worker its own part of the titles from the start. A book that
/// fails in the last part then stops the worker of the first part, and a book
/// that is missing there has never been asked for: you report an error that a
/// loop would not have come to.
///
/// Caught by `no_title_before_the_error_is_left_out`.
pub mod wrong_part_for_each_worker {
    use super::*;

    pub fn read_all(
        shelf: &impl Shelf,
        titles: &[&str],
        workers: usize,
    ) -> Result<Vec<String>, String> {
        let part = titles.len().div_ceil(workers);
        let next_worker = AtomicUsize::new(0);
        let stop = AtomicBool::new(false);
        let mut read = with_workers(workers, || {
            let first = next_worker.fetch_add(1, Relaxed) * part;
            let mut read = Vec::new();
            for (number, title) in
                titles.iter().enumerate().skip(first).take(part)
            {
                if stop.load(Relaxed) {
                    break;
                }
                let text = shelf.read(title);
                if text.is_err() {
                    stop.store(true, Relaxed);
                }
                read.push((number, text));
            }
            read
        });
        read.sort_by_key(|&(number, _)| number);
        read.into_iter().map(|(_, text)| text).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::solution::*;
    use super::*;
    use std::cell::RefCell;
    use std::sync::mpsc::{self, Receiver, Sender};
    use std::sync::{Condvar, Mutex};
    use std::time::Duration;

    const PATIENCE: Duration = Duration::from_secs(3);

    /// A shelf made of a function, which counts how often it was asked.
    struct Counting<F> {
        asked: AtomicUsize,
        answer: F,
    }

    impl<F: Fn(&str) -> Result<String, String>> Counting<F> {
        fn new(answer: F) -> Counting<F> {
            Counting { asked: AtomicUsize::new(0), answer }
        }

        fn asked(&self) -> usize {
            self.asked.load(Relaxed)
        }
    }

    impl<F: Fn(&str) -> Result<String, String> + Sync> Shelf for Counting<F> {
        fn read(&self, title: &str) -> Result<String, String> {
            self.asked.fetch_add(1, Relaxed);
            (self.answer)(title)
        }
    }

    fn text_of(title: &str) -> Result<String, String> {
        Ok(format!("text of {title}"))
    }

    fn missing<T>(title: &str) -> Result<T, String> {
        Err(format!("{title} is missing"))
    }

    thread_local! {
        /// Dropped at the end of its thread, and the receiver notices.
        static AT_THE_END: RefCell<Option<Sender<()>>> =
            const { RefCell::new(None) };
    }

    /// Lets a book wait until the worker that reads another one has ended.
    struct EndOfWorker {
        sender: Mutex<Option<Sender<()>>>,
        receiver: Mutex<Receiver<()>>,
    }

    impl EndOfWorker {
        fn new() -> EndOfWorker {
            let (sender, receiver) = mpsc::channel();
            EndOfWorker {
                sender: Mutex::new(Some(sender)),
                receiver: Mutex::new(receiver),
            }
        }

        /// The first worker that calls this is the one that is meant.
        fn is_of_this_one(&self) {
            if let Some(sender) = self.sender.lock().unwrap().take() {
                AT_THE_END.set(Some(sender));
            }
        }

        /// If that worker does not end, the book comes all the same, later.
        fn wait(&self) {
            let _ = self.receiver.lock().unwrap().recv_timeout(PATIENCE);
        }
    }

    #[test]
    fn texts_come_back_in_the_order_of_the_titles() {
        // "one" comes when "two" has been asked for, and "two" when "three" has:
        // so one worker reads the first and the last, and the other "two".
        let asked = (Mutex::new(Vec::new()), Condvar::new());
        let shelf = Counting::new(|title: &str| {
            let (titles, changed) = &asked;
            let mut titles = titles.lock().unwrap();
            titles.push(title.to_string());
            changed.notify_all();
            let next = match title {
                "one" => "two",
                "two" => "three",
                _ => return text_of(title),
            };
            let missing = |titles: &mut Vec<String>| {
                !titles.iter().any(|title| title == next)
            };
            let (_titles, waited) =
                changed.wait_timeout_while(titles, PATIENCE, missing).unwrap();
            match waited.timed_out() {
                true => {
                    Err(format!("no worker read {next:?} beside {title:?}"))
                }
                false => text_of(title),
            }
        });
        let texts = read_all(&shelf, &["one", "two", "three"], 2);
        let expected = ["one", "two", "three"].map(text_of).map(Result::unwrap);
        assert_eq!(texts, Ok(expected.to_vec()));
    }

    #[test]
    fn a_worker_that_met_an_error_asks_for_nothing_more() {
        let shelf = Counting::new(missing);
        let titles = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"];
        assert_eq!(read_all(&shelf, &titles, 3), missing("a"));
        assert!(
            shelf.asked() <= 3,
            "every book is missing, and three workers asked for {} of them",
            shelf.asked()
        );
    }

    #[test]
    fn nothing_is_asked_for_behind_an_error() {
        let shelf = Counting::new(|title: &str| match title {
            "c" => missing(title),
            _ => text_of(title),
        });
        let titles = ["a", "b", "c", "d", "e"];
        assert_eq!(read_all(&shelf, &titles, 1), missing("c"));
        assert_eq!(shelf.asked(), 3, "one worker: a, b, and c, which fails");
    }

    #[test]
    fn the_other_workers_stop_as_well() {
        // The second book comes when the worker that met the error has ended.
        let failed = EndOfWorker::new();
        let shelf = Counting::new(|title: &str| match title {
            "a" => {
                failed.is_of_this_one();
                missing(title)
            }
            _ => {
                failed.wait();
                text_of(title)
            }
        });
        let titles = ["a", "b", "c", "d"];
        assert_eq!(read_all(&shelf, &titles, 2), missing("a"));
        assert!(
            shelf.asked() <= 2,
            "a is missing while b is being read, and {} books were asked for",
            shelf.asked()
        );
    }

    #[test]
    fn the_error_is_the_one_that_a_loop_would_meet() {
        // "b" fails when the worker that met the error of "c" has ended.
        let failed = EndOfWorker::new();
        let shelf = Counting::new(|title: &str| match title {
            "b" => {
                failed.wait();
                missing(title)
            }
            "c" => {
                failed.is_of_this_one();
                missing(title)
            }
            _ => text_of(title),
        });
        assert_eq!(
            read_all(&shelf, &["a", "b", "c"], 2),
            missing("b"),
            "b and c are missing, and c was the first to fail"
        );
    }

    #[test]
    fn no_title_before_the_error_is_left_out() {
        // "a" comes when the worker that met the first error has ended.
        let failed = EndOfWorker::new();
        let shelf = Counting::new(|title: &str| match title {
            "a" => {
                failed.wait();
                text_of(title)
            }
            _ => {
                failed.is_of_this_one();
                missing(title)
            }
        });
        assert_eq!(
            read_all(&shelf, &["a", "b", "c"], 2),
            missing("b"),
            "b and c are missing, and a loop would have met b first: which worker \
             was to read it?"
        );
    }

    #[test]
    fn no_titles_are_no_texts() {
        let shelf = Counting::new(text_of);
        assert_eq!(read_all(&shelf, &[], 4), Ok(vec![]));
    }
}
