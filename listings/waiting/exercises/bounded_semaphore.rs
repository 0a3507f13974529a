//! # A release too many
//!
//! 20 minutes
//!
//! A pool lends out its connections, and a semaphore counts those that are
//! there. Some code gave its permit back twice, and since then more threads
//! are connected than there are connections. The starter accepts every release.
//!
//! Write `release` so that it refuses a permit for which there is no place: the
//! count never gets above what the semaphore was made with, and the caller is
//! told `Err(TooMany)`. Write `try_acquire` as well, which takes a permit if
//! there is one, and does not wait for one to come back. Threads that wait in
//! `acquire` go on when permits come back, each with a permit of its own.
//!
//! The semaphore counts how often it is locked: `release` and `try_acquire` lock
//! it once each. The tests give up on a thread after five seconds.
//!
//! Hint: What `release` looks at and what it changes belong under one guard, and
//! the same is true of `try_acquire`.

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
        let permits = self.permits.lock().expect(CALM);
        self.locked.fetch_add(1, Relaxed);
        permits
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

/// You look under one guard and change under another. In between, a second
/// thread can give back the same permit: both have seen a place, and the count
/// ends above what the semaphore was made with.
///
/// Caught by `looking_and_changing_happen_under_one_guard`.
pub mod wrong_two_guards {
    pub use super::solution::*;
    use super::*;

    pub fn release(semaphore: &Semaphore) -> Result<(), TooMany> {
        if *semaphore.lock() == semaphore.most {
            return Err(TooMany);
        }
        *semaphore.lock() += 1;
        semaphore.freed.notify_one();
        Ok(())
    }
}

/// You add the permit first, then see that it is one too many and say so. The
/// caller is told, but the count stays too high, so one more thread is let in
/// than there are connections.
///
/// Caught by `a_release_too_many_is_refused_and_changes_nothing`.
pub mod wrong_adds_before_it_looks {
    pub use super::solution::*;
    use super::*;

    pub fn release(semaphore: &Semaphore) -> Result<(), TooMany> {
        let mut permits = semaphore.lock();
        *permits += 1;
        if *permits > semaphore.most {
            return Err(TooMany);
        }
        semaphore.freed.notify_one();
        Ok(())
    }
}

/// You notify only if there was no permit before, because otherwise no thread
/// can be waiting. Two permits can come back before the first sleeper has woken
/// up and taken one; the second sleeper is then never told, and sleeps beside a
/// permit that is free.
///
/// Caught by `each_permit_that_comes_back_wakes_one_more`.
pub mod wrong_wakes_only_for_the_first {
    pub use super::solution::*;
    use super::*;

    pub fn release(semaphore: &Semaphore) -> Result<(), TooMany> {
        let mut permits = semaphore.lock();
        if *permits == semaphore.most {
            return Err(TooMany);
        }
        *permits += 1;
        if *permits == 1 {
            semaphore.freed.notify_one();
        }
        Ok(())
    }
}

/// Your `try_acquire` looks whether a permit is there, and then calls `acquire`
/// to take it. In between, another thread can take the last one, and then the
/// call that was never to wait waits until one comes back.
///
/// Caught by `trying_looks_and_takes_under_one_guard`.
pub mod wrong_tries_and_then_waits {
    pub use super::solution::*;
    use super::*;

    pub fn try_acquire(semaphore: &Semaphore) -> bool {
        if *semaphore.lock() == 0 {
            return false;
        }
        semaphore.acquire();
        true
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

    /// Threads that sleep as those in `acquire` do, and tell when they have
    /// been woken. They take no permit.
    fn sleeping(semaphore: &Arc<Semaphore>, threads: usize) -> Receiver<()> {
        let (woke, woken) = mpsc::channel();
        let (dozes, dozing) = mpsc::channel();
        for _ in 0..threads {
            let semaphore = Arc::clone(semaphore);
            let (woke, dozes) = (woke.clone(), dozes.clone());
            thread::spawn(move || {
                let permits = semaphore.lock();
                dozes.send(()).expect("the test listens");
                drop(semaphore.freed.wait(permits));
                woke.send(())
            });
        }
        for _ in 0..threads {
            dozing.recv_timeout(LONG).expect("a thread starts");
        }
        // The last of them lets go of the lock by falling asleep.
        drop(semaphore.lock());
        woken
    }

    /// How often the semaphore is locked by this call.
    fn locks(semaphore: &Semaphore, call: impl FnOnce(&Semaphore)) -> usize {
        let before = semaphore.locked.load(Relaxed);
        call(semaphore);
        semaphore.locked.load(Relaxed) - before
    }

    #[test]
    fn a_release_too_many_is_refused_and_changes_nothing() {
        within_five_seconds(|| {
            let semaphore = Semaphore::new(2);
            assert_eq!(release(&semaphore), Err(TooMany), "none was taken");
            let there = *semaphore.lock();
            assert_eq!(
                there, 2,
                "a release that was refused changed the count"
            );
            semaphore.acquire();
            assert_eq!(release(&semaphore), Ok(()), "one had been taken");
            assert_eq!(release(&semaphore), Err(TooMany), "given back twice");
            let there = *semaphore.lock();
            assert_eq!(
                there, 2,
                "a release that was refused changed the count"
            );
        });
    }

    #[test]
    fn looking_and_changing_happen_under_one_guard() {
        within_five_seconds(|| {
            let semaphore = Semaphore::new(1);
            semaphore.acquire();
            let times = locks(&semaphore, |semaphore| {
                assert_eq!(release(semaphore), Ok(()));
            });
            assert_eq!(
                times, 1,
                "`release` locked {times} times: in between another thread \
                 can give back the same permit"
            );
        });
    }

    #[test]
    fn trying_looks_and_takes_under_one_guard() {
        within_five_seconds(|| {
            let semaphore = Semaphore::new(1);
            let times = locks(&semaphore, |semaphore| {
                assert!(try_acquire(semaphore), "one was there");
            });
            assert_eq!(
                times, 1,
                "`try_acquire` locked {times} times: in between another thread \
                 can take the permit that it has seen"
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
    fn each_permit_that_comes_back_wakes_one_more() {
        let semaphore = Arc::new(Semaphore::new(3));
        (0..3).for_each(|_| semaphore.acquire());
        let woken = sleeping(&semaphore, 3);
        for _ in 0..3 {
            let semaphore = Arc::clone(&semaphore);
            let released = within_five_seconds(move || release(&semaphore));
            assert_eq!(released, Ok(()));
        }
        for awake in 0..3 {
            assert!(
                woken.recv_timeout(LONG).is_ok(),
                "three permits came back while three threads slept, and {awake} \
                 of them were woken: does every release tell one?"
            );
        }
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
                     that waited for one went on"
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
