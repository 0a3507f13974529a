//! # Count per thread
//!
//! 20 minutes
//!
//! A function deep inside a program, `open`, counts each book that it opens. Every
//! thread has a counter of its own for that, so no thread waits for another. When
//! all shelves are done, you want to know how many books were opened for each.
//!
//! The starter asks for the counter at the end, and gets zeros for threads that have
//! counted. Find out whose counter it reads, and write `opened` so that it returns
//! the right count for each shelf, in the order of the shelves.
//!
//! A shelf can also be worked on by the thread that calls `opened`. Like the worker
//! of a pool, this thread can have opened books before. Count only the books of the
//! shelf, and let the counter go on: it still says how many books its thread has
//! opened since it started.
//!
//! Hint: A thread's counter can be read by that thread alone, but when the thread
//! ends, it can return what it knows.

use std::cell::Cell;

thread_local! {
    /// How many books this thread has opened since it started.
    static OPENED: Cell<usize> = const { Cell::new(0) };
}

/// Opens a book, and counts it for the thread that does.
pub fn open(_title: &str) {
    OPENED.set(OPENED.get() + 1);
}

/// Who works on a shelf.
#[derive(Clone, Copy, PartialEq)]
pub enum Worker {
    NewThread,
    /// The thread that calls `opened`.
    ThisThread,
}

pub mod starter {
    use super::*;
    use std::thread;

    /// Opens all books of each shelf. Returns how many were opened for each.
    pub fn opened(shelves: &[(Worker, Vec<&str>)]) -> Vec<usize> {
        let work = |books: &[&str]| {
            for title in books {
                open(title);
            }
        };
        thread::scope(|scope| {
            for (worker, books) in shelves {
                match worker {
                    Worker::NewThread => {
                        scope.spawn(move || work(books));
                    }
                    Worker::ThisThread => work(books),
                }
            }
        });
        shelves.iter().map(|_| OPENED.get()).collect()
    }
}

pub mod solution {
    use super::*;
    use std::thread;

    /// Opens all books of each shelf. Returns how many were opened for each.
    pub fn opened(shelves: &[(Worker, Vec<&str>)]) -> Vec<usize> {
        // A thread that is used again still has the count of last time.
        let work = |books: &[&str]| {
            let before = OPENED.get();
            for title in books {
                open(title);
            }
            OPENED.get() - before
        };
        let mut counts = vec![0; shelves.len()];
        thread::scope(|scope| {
            for (count, (worker, books)) in counts.iter_mut().zip(shelves) {
                match worker {
                    Worker::NewThread => {
                        scope.spawn(move || *count = work(books));
                    }
                    Worker::ThisThread => *count = work(books),
                }
            }
        });
        counts
    }
}

/// You return what the counter says when the shelf is done. For a thread that
/// has just been started this is the count of the shelf, but the calling thread
/// has opened books before, and they are counted again with each of its shelves.
/// In a pool every worker is such a thread, and its counts would only ever grow.
///
/// Caught by `a_thread_that_has_opened_books_before_counts_only_those_of_its_shelf`.
pub mod wrong_counted_since_the_start {
    use super::*;
    use std::thread;

    pub fn opened(shelves: &[(Worker, Vec<&str>)]) -> Vec<usize> {
        let work = |books: &[&str]| {
            for title in books {
                open(title);
            }
            OPENED.get()
        };
        let mut counts = vec![0; shelves.len()];
        thread::scope(|scope| {
            for (count, (worker, books)) in counts.iter_mut().zip(shelves) {
                match worker {
                    Worker::NewThread => {
                        scope.spawn(move || *count = work(books));
                    }
                    Worker::ThisThread => *count = work(books),
                }
            }
        });
        counts
    }
}

/// You set the counter to zero before each shelf. Your counts are right, but
/// the counter belongs to the thread and not to your function: what the calling
/// thread had counted before is lost, and the next function that asks it for all
/// books of this thread gets those of the last shelf.
///
/// Caught by `the_counter_of_the_calling_thread_goes_on`.
pub mod wrong_set_to_zero {
    use super::*;
    use std::thread;

    pub fn opened(shelves: &[(Worker, Vec<&str>)]) -> Vec<usize> {
        let work = |books: &[&str]| {
            OPENED.set(0);
            for title in books {
                open(title);
            }
            OPENED.get()
        };
        let mut counts = vec![0; shelves.len()];
        thread::scope(|scope| {
            for (count, (worker, books)) in counts.iter_mut().zip(shelves) {
                match worker {
                    Worker::NewThread => {
                        scope.spawn(move || *count = work(books));
                    }
                    Worker::ThisThread => *count = work(books),
                }
            }
        });
        counts
    }
}

/// You keep the counts of the calling thread as they come, and add those of the
/// other threads once you have joined them. Every count is right, but they stand
/// in the order in which you got hold of them, so a reader of the list finds
/// them beside the wrong shelves.
///
/// Caught by `counts_come_in_the_order_of_the_shelves`.
pub mod wrong_own_shelves_first {
    use super::*;
    use std::thread;

    pub fn opened(shelves: &[(Worker, Vec<&str>)]) -> Vec<usize> {
        let work = |books: &[&str]| {
            let before = OPENED.get();
            for title in books {
                open(title);
            }
            OPENED.get() - before
        };
        thread::scope(|scope| {
            let mut counts = Vec::new();
            let mut threads = Vec::new();
            for (worker, books) in shelves {
                match worker {
                    Worker::NewThread => {
                        threads.push(scope.spawn(move || work(books)));
                    }
                    Worker::ThisThread => counts.push(work(books)),
                }
            }
            for thread in threads {
                counts.push(thread.join().expect("opening does not panic"));
            }
            counts
        })
    }
}

#[cfg(test)]
mod tests {
    use super::solution::*;
    use super::*;

    #[test]
    fn each_thread_returns_its_own_count() {
        let shelves = [
            (Worker::NewThread, vec!["The Ferry", "Salt", "Frost"]),
            (Worker::NewThread, vec![]),
            (Worker::NewThread, vec!["The Lamp"]),
        ];
        assert_eq!(
            opened(&shelves),
            [3, 0, 1],
            "whose counter was read, and by which thread?"
        );
    }

    #[test]
    fn all_books_of_many_shelves_are_counted() {
        let shelf = |books| (Worker::NewThread, vec!["a book"; books]);
        let shelves: Vec<_> = (0..20).map(shelf).collect();
        assert_eq!(opened(&shelves), (0..20).collect::<Vec<_>>());
    }

    #[test]
    fn counts_come_in_the_order_of_the_shelves() {
        let shelves = [
            (Worker::NewThread, vec!["The Ferry", "Salt", "Frost"]),
            (Worker::ThisThread, vec!["The Mill"]),
            (Worker::NewThread, vec!["The Lamp", "The Well"]),
        ];
        assert_eq!(
            opened(&shelves),
            [3, 1, 2],
            "which shelf does each of these counts belong to?"
        );
    }

    #[test]
    fn the_counter_of_the_calling_thread_goes_on() {
        (0..5).for_each(|_| open("one on the way here"));
        let before = OPENED.get();
        let shelves = [
            (Worker::ThisThread, vec!["Salt", "Frost"]),
            (Worker::NewThread, vec!["The Lamp"]),
        ];
        opened(&shelves);
        assert_eq!(
            OPENED.get(),
            before + 2,
            "this thread had opened {before} books, and 2 more for its shelf"
        );
    }

    #[test]
    fn a_thread_that_has_opened_books_before_counts_only_those_of_its_shelf() {
        open("one on the way here");
        let shelves = [
            (Worker::ThisThread, vec!["Salt", "Frost"]),
            (Worker::NewThread, vec!["The Lamp"]),
            (Worker::ThisThread, vec!["The Mill"]),
        ];
        assert_eq!(
            opened(&shelves),
            [2, 1, 1],
            "the calling thread's counter did not begin at zero"
        );
    }
}
