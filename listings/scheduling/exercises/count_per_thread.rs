//! # Count per thread
//!
//! 20 minutes
//!
//! A function deep inside of a program notes each book that it opens. Every thread
//! has a counter of its own for that, so that no thread waits for another. When all
//! shelves are done, you want to know how many books were opened for each of them.
//!
//! The starter asks for the counter at the end, and gets zeros for threads that have
//! counted. Find out whose counter it reads, and write `opened` so that it returns
//! the right count for each shelf, in the order of the shelves.
//!
//! A shelf can also be worked on by the thread that calls `opened`, which has opened
//! books before, as the worker of a pool has. Only the books of the shelf count.
//!
//! Hint: A thread's copy can be read by that thread alone. What it knows at its
//! end, it can return.

use std::cell::Cell;

thread_local! {
    /// How many books this thread has opened since it started.
    static OPENED: Cell<usize> = const { Cell::new(0) };
}

/// Opens a book. It notes so, and tells nobody.
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
            "this thread's counter did not begin at zero"
        );
    }
}
