//! # A release too many
//!
//! 20 minutes
//!
//! A pool lends out its connections, and a semaphore counts those that are
//! there. Some code gives its permit back twice, and since then more threads
//! are connected than there are connections. The starter accepts every release.
//!
//! Write `release` so that it refuses a permit for which there is no place: the
//! count never gets above what the semaphore was made with, and the caller is
//! told `Err(TooMany)`. Write `try_acquire` as well, which takes a permit if
//! there is one, and does not wait for one to come back. Threads that wait in
//! `acquire` go on when permits come back, each with a permit of its own.
//!
//! The semaphore counts how often it is locked: `release` has to do with one
//! lock. The tests give up on a thread after five seconds.
//!
//! Hint: What `release` looks at and what it changes belong under one guard.

use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Condvar, Mutex, MutexGuard};

/// A permit for which there was no place.
#[derive(Debug, PartialEq, Eq)]
pub struct TooMany;

pub struct Semaphore {
    permits: Mutex<usize>,
    locked: AtomicUsize,
    pub freed: Condvar,
    /// With how many it was made.
    pub most: usize,
}

impl Semaphore {
    pub fn new(most: usize) -> Semaphore {
        Semaphore {
            permits: Mutex::new(most),
            locked: AtomicUsize::new(0),
            freed: Condvar::new(),
            most,
        }
    }

    /// How many permits there are, as long as the guard lives.
    pub fn lock(&self) -> MutexGuard<'_, usize> {
        self.locked.fetch_add(1, Relaxed);
        self.permits.lock().expect(CALM)
    }

    /// Waits for a permit, and takes it.
    pub fn acquire(&self) {
        let permits = self.lock();
        let waited = self.freed.wait_while(permits, |permits| *permits == 0);
        *waited.expect(CALM) -= 1;
    }
}

const CALM: &str = "nobody panics with a permit in hand";

pub mod starter {
    use super::*;

    /// Gives a permit back, if there is a place for it.
    pub fn release(semaphore: &Semaphore) -> Result<(), TooMany> {
        *semaphore.lock() += 1;
        semaphore.freed.notify_one();
        Ok(())
    }

    /// Takes a permit if there is one. Returns whether it did.
    pub fn try_acquire(semaphore: &Semaphore) -> bool {
        semaphore.acquire();
        true
    }
}

pub mod solution {
    use super::*;

    /// Gives a permit back, if there is a place for it.
    pub fn release(semaphore: &Semaphore) -> Result<(), TooMany> {
        // One guard from the look to the change: two threads that give back
        // the last permit twice cannot both find a place.
        let mut permits = semaphore.lock();
        if *permits == semaphore.most {
            return Err(TooMany);
        }
        *permits += 1;
        // For each permit that comes back, not only for the first: a second
        // thread can be asleep while the first has not woken up yet.
        semaphore.freed.notify_one();
        Ok(())
    }

    /// Takes a permit if there is one. Returns whether it did.
    pub fn try_acquire(semaphore: &Semaphore) -> bool {
        let mut permits = semaphore.lock();
        let free = *permits > 0;
        *permits -= usize::from(free);
        free
    }
}

#[cfg(test)]
mod tests {
    use super::solution::*;
    use super::*;
    use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
    use std::sync::{Arc, Barrier};
    use std::thread;
    use std::time::Duration;

    const LONG: Duration = Duration::from_secs(5);

    /// What the call returns; a message if it hangs.
    fn within_five_seconds<T: Send + 'static>(
        call: impl FnOnce() -> T + Send + 'static,
    ) -> T {
        let (done, result) = mpsc::channel();
        thread::spawn(move || done.send(call()));
        result.recv_timeout(LONG).unwrap_or_else(|error| match error {
            RecvTimeoutError::Timeout => {
                panic!("it did not return within five seconds: it waits")
            }
            RecvTimeoutError::Disconnected => panic!("it panicked"),
        })
    }

    /// Threads that each want one permit, and tell when they have it.
    fn waiting(semaphore: &Arc<Semaphore>, threads: usize) -> Receiver<()> {
        let (got, all) = mpsc::channel();
        for _ in 0..threads {
            let (semaphore, got) = (Arc::clone(semaphore), got.clone());
            thread::spawn(move || {
                semaphore.acquire();
                got.send(())
            });
        }
        all
    }

    #[test]
    fn a_release_too_many_is_refused_and_changes_nothing() {
        within_five_seconds(|| {
            let semaphore = Semaphore::new(2);
            assert_eq!(release(&semaphore), Err(TooMany), "none was taken");
            semaphore.acquire();
            assert_eq!(release(&semaphore), Ok(()));
            assert_eq!(release(&semaphore), Err(TooMany), "given back twice");
            assert_eq!(*semaphore.lock(), 2);
        });
    }

    #[test]
    fn looking_and_changing_happen_under_one_guard() {
        within_five_seconds(|| {
            let semaphore = Semaphore::new(1);
            semaphore.acquire();
            let before = semaphore.locked.load(Relaxed);
            assert_eq!(release(&semaphore), Ok(()));
            let times = semaphore.locked.load(Relaxed) - before;
            assert_eq!(
                times, 1,
                "`release` locked {times} times: in between another thread \
                 can give back the same permit"
            );
        });
    }

    #[test]
    fn who_tries_takes_what_is_there_and_does_not_wait() {
        within_five_seconds(|| {
            let semaphore = Semaphore::new(1);
            assert!(try_acquire(&semaphore), "one was there");
            assert!(!try_acquire(&semaphore), "none was left");
            assert_eq!(release(&semaphore), Ok(()));
            assert!(try_acquire(&semaphore), "it had come back");
        });
    }

    #[test]
    fn each_permit_that_comes_back_lets_one_go_on() {
        for _ in 0..50 {
            let semaphore = Arc::new(Semaphore::new(3));
            (0..3).for_each(|_| semaphore.acquire());
            let all = waiting(&semaphore, 3);
            thread::yield_now();
            for _ in 0..3 {
                let semaphore = Arc::clone(&semaphore);
                let released = within_five_seconds(move || release(&semaphore));
                assert_eq!(released, Ok(()));
            }
            for there in 0..3 {
                assert!(
                    all.recv_timeout(LONG).is_ok(),
                    "three permits came back, and {there} of three threads \
                     that waited for one went on: was each of them told?"
                );
            }
        }
    }

    #[test]
    fn of_two_who_give_the_last_one_back_one_is_refused() {
        for _ in 0..300 {
            let accepted = within_five_seconds(|| {
                let semaphore = Semaphore::new(1);
                semaphore.acquire();
                let both = Barrier::new(2);
                let give = || {
                    both.wait();
                    usize::from(release(&semaphore).is_ok())
                };
                thread::scope(|scope| {
                    let other = scope.spawn(give);
                    give() + other.join().expect("no panic")
                })
            });
            assert_eq!(
                accepted, 1,
                "two threads gave back one permit, and {accepted} were accepted"
            );
        }
    }
}
