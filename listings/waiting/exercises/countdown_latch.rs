//! # A countdown
//!
//! 20 minutes
//!
//! A server has several parts, each of which needs its time to start. No
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
//! The tests look at the processor time where the system tells it, and give up
//! on a thread after five seconds.
//!
//! Hint: How many threads can be asleep when the count gets to zero?

use std::sync::{Condvar, Mutex};

pub struct Latch {
    pub missing: Mutex<usize>,
    pub open: Condvar,
}

impl Latch {
    pub fn new(missing: usize) -> Latch {
        Latch { missing: Mutex::new(missing), open: Condvar::new() }
    }
}

const CALM: &str = "nobody panics while starting";

pub mod starter {
    use super::*;

    /// One more is there.
    pub fn count_down(latch: &Latch) {
        *latch.missing.lock().expect(CALM) -= 1;
    }

    /// Comes back when none is missing.
    pub fn wait(latch: &Latch) {
        while *latch.missing.lock().expect(CALM) > 0 {}
    }
}

pub mod solution {
    use super::*;

    /// One more is there.
    pub fn count_down(latch: &Latch) {
        let mut missing = latch.missing.lock().expect(CALM);
        *missing = missing.saturating_sub(1);
        if *missing == 0 {
            // All of them: each has waited for the same thing, and no other
            // notification will come.
            latch.open.notify_all();
        }
    }

    /// Comes back when none is missing.
    pub fn wait(latch: &Latch) {
        let missing = latch.missing.lock().expect(CALM);
        let waited = latch.open.wait_while(missing, |missing| *missing > 0);
        drop(waited.expect(CALM));
    }
}

#[cfg(test)]
mod tests {
    use super::solution::*;
    use super::*;
    use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
    use std::sync::{Arc, Barrier};
    use std::time::Duration;
    use std::{fs, thread};

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

    #[test]
    fn all_who_wait_go_on_when_the_last_is_there() {
        for _ in 0..20 {
            let latch = Arc::new(Latch::new(3));
            let all = waiting(&latch, 4);
            count_down(&latch);
            count_down(&latch);
            let early = all.recv_timeout(Duration::from_millis(5));
            assert!(early.is_err(), "one went on while one part was missing");
            count_down(&latch);
            for gone_on in 0..4 {
                assert!(
                    all.recv_timeout(LONG).is_ok(),
                    "none is missing, and {gone_on} of four threads that \
                     waited have gone on after five seconds"
                );
            }
        }
    }

    #[test]
    fn who_comes_later_does_not_wait() {
        let latch = Arc::new(Latch::new(1));
        count_down(&latch);
        let late = waiting(&latch, 1).recv_timeout(LONG);
        assert!(late.is_ok(), "none was missing, and it waited");
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

    /// Of one thread of this process, in hundredths of a second; on Linux.
    fn processor_time(thread: &str) -> Option<u64> {
        let stat = fs::read_to_string(format!("/proc/self/task/{thread}/stat"));
        let stat = stat.ok()?;
        let mut fields = stat.rsplit(')').next()?.split_whitespace().skip(11);
        let mut next = || fields.next()?.parse::<u64>().ok();
        Some(next()? + next()?)
    }

    #[test]
    fn who_waits_sleeps() {
        let latch = Arc::new(Latch::new(1));
        let (tell, told) = mpsc::channel();
        let waiter = {
            let latch = Arc::clone(&latch);
            thread::spawn(move || {
                // The system's number of this thread: "self/task/NUMBER".
                let own = fs::read_link("/proc/thread-self").ok();
                let number = own.as_ref().and_then(|own| own.file_name());
                let number = number.map(|n| n.to_string_lossy().into_owned());
                tell.send(number).expect("the test listens");
                wait(&latch);
            })
        };
        let number = told.recv_timeout(LONG).expect("a thread has started");
        // This sleep is what the thread waits through.
        thread::sleep(Duration::from_millis(300));
        let used = number.and_then(|number| processor_time(&number));
        count_down(&latch);
        if let Some(used) = used {
            assert!(used < 10, "it was busy for {used}0 of 300 ms");
        }
        drop(waiter);
    }
}
