//! # The first error
//!
//! 35 minutes
//!
//! A pool of workers reads books, and a book can fail to come. Write
//! `read_all`: it returns the texts in the order of the titles, or else an
//! error. Two things are asked of it when a book fails:
//!
//! - No worker begins another book after it has seen that one has failed. What
//!   has been begun is read to its end.
//! - The error that is returned is the one that a loop over the titles would
//!   have met first, even if another one was faster.
//!
//! The tests count how many books were asked for, and let a later book fail
//! before an earlier one. They cannot stop a worker between two of its lines, so
//! there are wrong orders that they do not see.
//!
//! Hint: `pool` of the chapter hands out the titles in their order. So every
//! title before the first that fails has been begun by somebody. A second
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
        // Titles are taken in order, and whatever was taken is here: so the
        // first error in this order is the one that a loop would have met.
        read.sort_by_key(|&(number, _)| number);
        read.into_iter().map(|(_, text)| text).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::solution::*;
    use super::*;
    use std::sync::mpsc::{self, Receiver, Sender};
    use std::sync::{Condvar, Mutex};
    use std::time::Duration;

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

    #[test]
    fn texts_come_back_in_the_order_of_the_titles() {
        // The first book comes when the second is here.
        let (second, first): (Sender<()>, Receiver<()>) = mpsc::channel();
        let (second, first) = (Mutex::new(second), Mutex::new(first));
        let shelf = Counting::new(|title: &str| {
            match title {
                "one" => {
                    let limit = Duration::from_secs(10);
                    let there = first.lock().unwrap().recv_timeout(limit);
                    there.map_err(|_| "only one worker reads".to_string())?;
                }
                _ => second.lock().unwrap().send(()).unwrap(),
            }
            text_of(title)
        });
        let texts = read_all(&shelf, &["one", "two"], 2);
        let expected = vec!["text of one".into(), "text of two".into()];
        assert_eq!(texts, Ok(expected));
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
        // Each book but the first takes a moment: time to see the error.
        let shelf = Counting::new(|title: &str| match title {
            "0" => missing(title),
            _ => {
                thread::sleep(Duration::from_millis(1));
                text_of(title)
            }
        });
        let numbers: Vec<String> = (0..2_000).map(|n| n.to_string()).collect();
        let titles: Vec<&str> = numbers.iter().map(String::as_str).collect();
        assert_eq!(read_all(&shelf, &titles, 2), missing("0"));
        assert!(
            shelf.asked() < titles.len(),
            "the first book is missing, and all {} were asked for",
            titles.len()
        );
    }

    #[test]
    fn the_error_is_the_one_that_a_loop_would_meet() {
        // "b" fails when "c" has failed.
        let (failed, changed) = (Mutex::new(false), Condvar::new());
        let shelf = Counting::new(|title: &str| match title {
            "b" => {
                let limit = Duration::from_secs(10);
                let waiting = failed.lock().unwrap();
                let (_failed, waited) = changed
                    .wait_timeout_while(waiting, limit, |failed| !*failed)
                    .unwrap();
                match waited.timed_out() {
                    true => Err("nobody reads c beside b".to_string()),
                    false => missing(title),
                }
            }
            "c" => {
                *failed.lock().unwrap() = true;
                changed.notify_all();
                missing(title)
            }
            _ => text_of(title),
        });
        assert_eq!(read_all(&shelf, &["a", "b", "c"], 2), missing("b"));
    }

    #[test]
    fn no_titles_are_no_texts() {
        let shelf = Counting::new(text_of);
        assert_eq!(read_all(&shelf, &[], 4), Ok(vec![]));
    }
}
