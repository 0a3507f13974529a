//! # Read all books at the same time
//!
//! 20 minutes
//!
//! A shelf is far away, and each book takes a while to come. Write `read_books`,
//! which reads all the books whose titles it is given, at the same time, and
//! returns their texts by title.
//!
//! The tests have a shelf that gives out its books only when all of them have
//! been asked for. They look at what you return, and at how many books were
//! being read at the same time. If a title is given twice, it is in the map
//! once.
//!
//! Hint: A scope lets its threads borrow the shelf. Start all of them before
//! you join the first.

use std::collections::HashMap;
use std::thread;

/// Where the books come from. Any number of threads can read at a time.
pub trait Shelf: Sync {
    /// Waits until the book is here. Returns its text.
    fn read(&self, title: &str) -> String;
}

pub mod starter {
    use super::*;

    /// The text of each book, by title.
    pub fn read_books(
        shelf: &impl Shelf,
        titles: &[&str],
    ) -> HashMap<String, String> {
        thread::scope(|_scope| {
            // One after the other: the scope is here, its threads are missing.
            titles
                .iter()
                .map(|title| (title.to_string(), shelf.read(title)))
                .collect()
        })
    }
}

pub mod solution {
    use super::*;

    /// The text of each book, by title.
    pub fn read_books(
        shelf: &impl Shelf,
        titles: &[&str],
    ) -> HashMap<String, String> {
        thread::scope(|scope| {
            // `collect` starts them all. Without it the iterator is lazy, and
            // would start each thread when the one before has been joined.
            let readers: Vec<_> = titles
                .iter()
                .map(|title| {
                    scope.spawn(move || (title.to_string(), shelf.read(title)))
                })
                .collect();
            readers
                .into_iter()
                .map(|reader| reader.join().expect("the shelf panicked"))
                .collect()
        })
    }
}

/// You leave out the first `collect`, so the iterator starts a thread, joins it,
/// and only then is asked for the next. Every book has a thread of its own, but
/// no two of them are ever read at the same time, and all that the threads add
/// is the cost of starting them.
///
/// Caught by `all_books_are_read_at_the_same_time`.
pub mod wrong_joins_before_the_next_starts {
    use super::*;

    pub fn read_books(
        shelf: &impl Shelf,
        titles: &[&str],
    ) -> HashMap<String, String> {
        thread::scope(|scope| {
            titles
                .iter()
                .map(|title| {
                    scope.spawn(move || (title.to_string(), shelf.read(title)))
                })
                .map(|reader| reader.join().expect("the shelf panicked"))
                .collect()
        })
    }
}

/// You start a thread for each core and give each of them its part of the
/// titles. A thread that waits for a book needs no core, so their number is no
/// reason to let the other books wait: on two cores, a hundred books take as long
/// as fifty of them one after the other.
///
/// Caught by `all_books_are_read_at_the_same_time`.
pub mod wrong_thread_for_each_core {
    use super::*;

    pub fn read_books(
        shelf: &impl Shelf,
        titles: &[&str],
    ) -> HashMap<String, String> {
        let cores = thread::available_parallelism().map_or(1, |n| n.get());
        let each = titles.len().div_ceil(cores).max(1);
        thread::scope(|scope| {
            let readers: Vec<_> = titles
                .chunks(each)
                .map(|part| {
                    scope.spawn(move || {
                        part.iter()
                            .map(|title| (title.to_string(), shelf.read(title)))
                            .collect::<Vec<_>>()
                    })
                })
                .collect();
            readers
                .into_iter()
                .flat_map(|reader| reader.join().expect("the shelf panicked"))
                .collect()
        })
    }
}

/// Your threads share the map behind a lock, and you take the lock before you call
/// `read`. The thread that has it keeps it until its book is there, and meanwhile
/// the others wait for the lock and have not even asked for their books.
///
/// Caught by `all_books_are_read_at_the_same_time`.
pub mod wrong_reads_under_the_lock {
    use super::*;
    use std::sync::Mutex;

    pub fn read_books(
        shelf: &impl Shelf,
        titles: &[&str],
    ) -> HashMap<String, String> {
        let books = Mutex::new(HashMap::new());
        thread::scope(|scope| {
            for title in titles {
                scope.spawn(|| {
                    let mut books = books.lock().expect("no reader panics");
                    books.insert(title.to_string(), shelf.read(title));
                });
            }
        });
        books.into_inner().expect("no reader panics")
    }
}

#[cfg(test)]
mod tests {
    use super::solution::*;
    use super::*;
    use std::sync::{Condvar, Mutex};
    use std::time::Duration;

    /// Gives out books when so many are being read at the same time. The first
    /// reader that waits in vain gives up for all.
    struct SlowShelf {
        expected: usize,
        seen: Mutex<Seen>,
        changed: Condvar,
    }

    #[derive(Default)]
    struct Seen {
        reading: usize,
        most: usize,
        given_up: bool,
    }

    impl SlowShelf {
        fn for_readers(expected: usize) -> SlowShelf {
            SlowShelf {
                expected,
                seen: Mutex::default(),
                changed: Condvar::new(),
            }
        }

        fn most_at_a_time(&self) -> usize {
            self.seen.lock().unwrap().most
        }
    }

    impl Shelf for SlowShelf {
        fn read(&self, title: &str) -> String {
            let mut seen = self.seen.lock().unwrap();
            seen.reading += 1;
            seen.most = seen.most.max(seen.reading);
            self.changed.notify_all();
            let limit = Duration::from_secs(3);
            let (mut seen, waited) = self
                .changed
                .wait_timeout_while(seen, limit, |seen| {
                    seen.most < self.expected && !seen.given_up
                })
                .unwrap();
            seen.given_up |= waited.timed_out();
            seen.reading -= 1;
            format!("text of {title}")
        }
    }

    #[test]
    fn each_title_has_its_text() {
        let shelf = SlowShelf::for_readers(3);
        let books = read_books(&shelf, &["one", "two", "three"]);
        assert_eq!(books.len(), 3);
        for title in ["one", "two", "three"] {
            assert_eq!(books[title], format!("text of {title}"));
        }
    }

    #[test]
    fn all_books_are_read_at_the_same_time() {
        let cores = thread::available_parallelism().map_or(1, |n| n.get());
        let titles: Vec<_> =
            (0..2 * cores + 4).map(|n| n.to_string()).collect();
        let titles: Vec<_> = titles.iter().map(String::as_str).collect();
        let shelf = SlowShelf::for_readers(titles.len());
        read_books(&shelf, &titles);
        assert_eq!(
            shelf.most_at_a_time(),
            titles.len(),
            "of {} books, this many were being read at the same time. What did \
             the others wait for: a thread, a lock, a `join`?",
            titles.len()
        );
    }

    #[test]
    fn a_title_that_is_named_twice_is_there_once() {
        let shelf = SlowShelf::for_readers(1);
        let books = read_books(&shelf, &["one", "two", "one"]);
        assert_eq!(books.len(), 2);
    }

    #[test]
    fn no_titles_are_no_books() {
        let shelf = SlowShelf::for_readers(1);
        assert!(read_books(&shelf, &[]).is_empty());
    }
}
