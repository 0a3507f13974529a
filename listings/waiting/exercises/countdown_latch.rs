//! # A countdown
//!
//! 20 minutes
//!
//! A server has several parts, each of which takes some time to start. No
//! visitor is let in before all of them are up. A *latch* counts down the parts
//! that are missing; a thread that waits for it goes on when the count is zero,
//! and one that comes later does not wait. The starter asks in a loop, and
//! keeps a core busy for as long as it waits.
//!
//! Write `wait` and `count_down` so that a thread that waits sleeps until it is
//! told, and that every thread that waits goes on when the last part is up. A
//! latch that is at zero stays there: to count it down once more changes
//! nothing.
//!
//! The latch counts how often it is locked, so the tests see a thread that asks
//! again and again. They give up on a thread after five seconds.
//!
//! Hint: How many threads can be asleep when the count gets to zero?

use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Condvar, Mutex, MutexGuard};

pub struct Latch {
    missing: Mutex<usize>,
    locked: AtomicUsize,
    pub open: Condvar,
}

impl Latch {
    pub fn new(missing: usize) -> Latch {
        Latch {
            missing: Mutex::new(missing),
            locked: AtomicUsize::new(0),
            open: Condvar::new(),
        }
    }

    /// How many parts are missing, as long as the guard lives.
    pub fn lock(&self) -> MutexGuard<'_, usize> {
        let missing = self.missing.lock().expect(CALM);
        self.locked.fetch_add(1, Relaxed);
        missing
    }
}

const CALM: &str = "nobody panics while starting";

pub mod starter {
    use super::*;

    /// One more is there.
    pub fn count_down(latch: &Latch) {
        *latch.lock() -= 1;
    }

    /// Comes back when none is missing.
    pub fn wait(latch: &Latch) {
        while *latch.lock() > 0 {}
    }
}

pub mod solution {
    use super::*;

    /// One more is there.
    pub fn count_down(latch: &Latch) {
        let mut missing = latch.lock();
        *missing = missing.saturating_sub(1);
        if *missing == 0 {
            // All of them: each has waited for the same thing, and no other
            // notification will come.
            latch.open.notify_all();
        }
    }

    /// Comes back when none is missing.
    pub fn wait(latch: &Latch) {
        let missing = latch.lock();
        let waited = latch.open.wait_while(missing, |missing| *missing > 0);
        drop(waited.expect(CALM));
    }
}

/// You notify one thread when the last part is up. The count reaches zero only
/// once, so no second notification follows, and all the other threads that
/// sleep at the latch sleep forever.
///
/// Caught by `all_who_wait_go_on_when_the_last_is_there`.
pub mod wrong_tells_only_one {
    pub use super::solution::*;
    use super::*;

    pub fn count_down(latch: &Latch) {
        let mut missing = latch.lock();
        *missing = missing.saturating_sub(1);
        if *missing == 0 {
            latch.open.notify_one();
        }
    }
}

/// Your thread looks once, sleeps once, and goes on. A thread can wake up
/// without a reason, or because of a notification that was meant for something
/// else, and then it lets a visitor in while parts are missing.
///
/// Caught by `being_woken_is_not_enough_to_go_on`.
pub mod wrong_if_instead_of_while {
    pub use super::solution::*;
    use super::*;

    pub fn wait(latch: &Latch) {
        let mut missing = latch.lock();
        if *missing > 0 {
            missing = latch.open.wait(missing).expect(CALM);
        }
        drop(missing);
    }
}

/// Your thread sleeps first and looks when it wakes up. If the last part was up
/// before the thread came, its notification is gone, and the thread sleeps at
/// an open latch.
///
/// Caught by `who_comes_later_does_not_wait`.
pub mod wrong_sleeps_before_it_looks {
    pub use super::solution::*;
    use super::*;

    pub fn wait(latch: &Latch) {
        let mut missing = latch.lock();
        loop {
            missing = latch.open.wait(missing).expect(CALM);
            if *missing == 0 {
                return;
            }
        }
    }
}

/// Your thread looks, sleeps for a millisecond, and looks again. The core is
/// free most of the time, but each thread that waits wakes up a thousand times
/// a second for nothing, and takes the lock from the part that wants to count
/// down.
///
/// Caught by `who_waits_sleeps_until_it_is_told`.
pub mod wrong_sleeps_by_the_clock {
    pub use super::solution::*;
    use super::*;
    use std::thread;
    use std::time::Duration;

    pub fn wait(latch: &Latch) {
        while *latch.lock() > 0 {
            thread::sleep(Duration::from_millis(1));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::solution::*;
    use super::*;
    use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
    use std::sync::{Arc, Barrier};
    use std::thread;
    use std::time::{Duration, Instant};

    const LONG: Duration = Duration::from_secs(5);

    /// Threads that wait at the latch, and tell when they have gone on.
    fn waiting(latch: &Arc<Latch>, threads: usize) -> Receiver<()> {
        let (gone_on, all) = mpsc::channel();
        for _ in 0..threads {
            let (latch, gone_on) = (Arc::clone(latch), gone_on.clone());
            thread::spawn(move || {
                wait(&latch);
                gone_on.send(())
            });
        }
        all
    }

    /// Waits until so many threads have looked, and sleep if they do so with
    /// the lock in hand.
    fn asleep(latch: &Latch, threads: usize) {
        let start = Instant::now();
        while latch.locked.load(Relaxed) < threads {
            assert!(start.elapsed() < LONG, "`wait` does not lock the latch");
            thread::yield_now();
        }
        // The last of them lets go of the lock by falling asleep.
        drop(latch.lock());
    }

    #[test]
    fn all_who_wait_go_on_when_the_last_is_there() {
        for _ in 0..3 {
            let latch = Arc::new(Latch::new(3));
            let all = waiting(&latch, 4);
            asleep(&latch, 4);
            count_down(&latch);
            count_down(&latch);
            let early = all.recv_timeout(Duration::from_millis(5));
            assert!(early.is_err(), "one went on while one part was missing");
            count_down(&latch);
            for gone_on in 0..4 {
                assert!(
                    all.recv_timeout(LONG).is_ok(),
                    "none is missing, and {gone_on} of four threads that \
                     slept have gone on after five seconds: how many are told?"
                );
            }
        }
    }

    #[test]
    fn who_comes_later_does_not_wait() {
        let latch = Arc::new(Latch::new(1));
        count_down(&latch);
        let late = waiting(&latch, 1).recv_timeout(LONG);
        assert!(
            late.is_ok(),
            "the last part was up before it came, and it waits: does it look \
             before it sleeps?"
        );
    }

    #[test]
    fn a_latch_at_zero_stays_there() {
        let latch = Arc::new(Latch::new(1));
        let counted = {
            let latch = Arc::clone(&latch);
            thread::spawn(move || (0..3).for_each(|_| count_down(&latch)))
        };
        assert!(
            counted.join().is_ok(),
            "counted down once more at zero, it panicked"
        );
        let late = waiting(&latch, 1).recv_timeout(LONG);
        assert!(late.is_ok(), "counted down too often, it is closed again");
    }

    #[test]
    fn a_part_that_counts_down_at_the_same_moment_is_counted() {
        for _ in 0..200 {
            let latch = Arc::new(Latch::new(2));
            let (all, both) = (waiting(&latch, 1), Arc::new(Barrier::new(2)));
            for _ in 0..2 {
                let (latch, both) = (Arc::clone(&latch), Arc::clone(&both));
                thread::spawn(move || {
                    both.wait();
                    count_down(&latch);
                });
            }
            let gone_on = match all.recv_timeout(LONG) {
                Ok(()) => true,
                Err(RecvTimeoutError::Timeout) => false,
                Err(RecvTimeoutError::Disconnected) => panic!("it panicked"),
            };
            assert!(gone_on, "both are there, and it still waits");
        }
    }

    #[test]
    fn being_woken_is_not_enough_to_go_on() {
        let latch = Arc::new(Latch::new(1));
        let all = waiting(&latch, 1);
        asleep(&latch, 1);
        let start = Instant::now();
        while start.elapsed() < Duration::from_millis(300) {
            latch.open.notify_all();
            let early = all.recv_timeout(Duration::from_millis(10));
            assert!(
                early.is_err(),
                "it was woken while a part was missing, and went on: does it \
                 look again?"
            );
        }
        count_down(&latch);
        let gone_on = all.recv_timeout(LONG);
        assert!(gone_on.is_ok(), "none is missing, and it still waits");
    }

    #[test]
    fn who_waits_sleeps_until_it_is_told() {
        let latch = Arc::new(Latch::new(1));
        let all = waiting(&latch, 1);
        asleep(&latch, 1);
        let before = latch.locked.load(Relaxed);
        // This sleep is what the thread waits through.
        thread::sleep(Duration::from_millis(300));
        let times = latch.locked.load(Relaxed) - before;
        count_down(&latch);
        assert!(
            times < 5,
            "it locked the latch {times} times in 300 ms: it asks again and \
             again instead of sleeping until it is told"
        );
        let gone_on = all.recv_timeout(LONG);
        assert!(gone_on.is_ok(), "none is missing, and it still waits");
    }
}
