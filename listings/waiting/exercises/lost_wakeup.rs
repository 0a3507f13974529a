//! # The pager that nobody hears
//!
//! 20 minutes
//!
//! A pager lies on the table of a restaurant. The guest looks whether it has
//! gone off, and dozes until it buzzes. On some evenings a guest sits there
//! forever, beside a meal that is ready. Every line of the starter looks right.
//!
//! Repair `page` and `wait` so that no guest sleeps through the buzz, whatever
//! the order of the steps. You can change what the two do, and leave a part of
//! the pager unused. Each time the guest has looked and the pager has not gone
//! off, `wait` calls `not_yet` before it sleeps (the guest orders another glass
//! of water).
//!
//! The tests choose the moment: their kitchen is a thread of its own, and it
//! calls `page` while the guest orders. (`wait_timeout` would only make the
//! guest late: do without.)
//!
//! Hint: `not_yet` runs after the look and before the sleep. What keeps the
//! kitchen from calling right then?

use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::{Condvar, Mutex};

#[derive(Default)]
pub struct Pager {
    /// What the starter looks at.
    pub flag: AtomicBool,
    /// Guarded, and not used yet.
    pub gone_off: Mutex<bool>,
    pub buzz: Condvar,
}

const CALM: &str = "nobody panics in the restaurant";

pub mod starter {
    use super::*;

    /// The meal is ready.
    pub fn page(pager: &Pager) {
        pager.flag.store(true, SeqCst);
        pager.buzz.notify_one();
    }

    /// Comes back when the meal is ready.
    pub fn wait(pager: &Pager, mut not_yet: impl FnMut()) {
        while !pager.flag.load(SeqCst) {
            not_yet();
            let guard = pager.gone_off.lock().expect(CALM);
            drop(pager.buzz.wait(guard).expect(CALM));
        }
    }
}

pub mod solution {
    use super::*;

    /// The meal is ready.
    pub fn page(pager: &Pager) {
        // The guest holds the lock from the look until it sleeps, so this
        // waits until the buzz will be heard.
        *pager.gone_off.lock().expect(CALM) = true;
        pager.buzz.notify_one();
    }

    /// Comes back when the meal is ready.
    pub fn wait(pager: &Pager, mut not_yet: impl FnMut()) {
        let mut gone_off = pager.gone_off.lock().expect(CALM);
        while !*gone_off {
            not_yet();
            gone_off = pager.buzz.wait(gone_off).expect(CALM);
        }
    }
}

/// Your guest holds the lock from the look until it sleeps, but your kitchen
/// calls without taking that lock. So it can still call between the look and
/// the sleep, and the guest sleeps through a buzz that is already over.
///
/// Caught by `a_call_between_the_look_and_the_sleep_is_heard`.
pub mod wrong_calls_without_the_lock {
    use super::*;

    pub fn page(pager: &Pager) {
        pager.flag.store(true, SeqCst);
        pager.buzz.notify_one();
    }

    pub fn wait(pager: &Pager, mut not_yet: impl FnMut()) {
        let mut guard = pager.gone_off.lock().expect(CALM);
        while !pager.flag.load(SeqCst) {
            not_yet();
            guard = pager.buzz.wait(guard).expect(CALM);
        }
        drop(guard);
    }
}

/// You put the flag behind the lock, but your guest looks under one guard and
/// sleeps with another. Between the two the lock is free, so the kitchen can
/// call there, and the guest sleeps although the pager has gone off.
///
/// Caught by `a_call_between_the_look_and_the_sleep_is_heard`.
pub mod wrong_lets_go_before_it_sleeps {
    pub use super::solution::page;
    use super::*;

    pub fn wait(pager: &Pager, mut not_yet: impl FnMut()) {
        while !*pager.gone_off.lock().expect(CALM) {
            not_yet();
            let guard = pager.gone_off.lock().expect(CALM);
            drop(pager.buzz.wait(guard).expect(CALM));
        }
    }
}

/// Your kitchen buzzes first and then writes down that the pager has gone off.
/// A guest who has looked and is not asleep yet does not hear the buzz, falls
/// asleep, and is not told again.
///
/// Caught by `a_call_between_the_look_and_the_sleep_is_heard`.
pub mod wrong_buzzes_first {
    pub use super::solution::wait;
    use super::*;

    pub fn page(pager: &Pager) {
        pager.buzz.notify_one();
        *pager.gone_off.lock().expect(CALM) = true;
    }
}

/// Your guest looks once, sleeps once, and takes every buzz for its own. If the
/// pager of the next table goes off, or the thread wakes up without a reason,
/// the guest gets up and there is no meal.
///
/// Caught by `a_buzz_without_a_call_is_not_enough`.
pub mod wrong_if_instead_of_while {
    pub use super::solution::page;
    use super::*;

    pub fn wait(pager: &Pager, mut not_yet: impl FnMut()) {
        let mut gone_off = pager.gone_off.lock().expect(CALM);
        if !*gone_off {
            not_yet();
            gone_off = pager.buzz.wait(gone_off).expect(CALM);
        }
        drop(gone_off);
    }
}

#[cfg(test)]
mod tests {
    use super::solution::*;
    use super::*;
    use std::sync::Arc;
    use std::sync::atomic::AtomicUsize;
    use std::sync::mpsc::{self, RecvTimeoutError};
    use std::thread;
    use std::time::{Duration, Instant};

    const LONG: Duration = Duration::from_secs(5);

    /// A guest who waits, and how often it found that it is not yet time. A
    /// message if it waits for ever.
    fn served(
        pager: &Arc<Pager>,
        mut not_yet: impl FnMut() + Send + 'static,
        before: &str,
    ) -> usize {
        let (done, result) = mpsc::channel();
        let shared = Arc::clone(pager);
        thread::spawn(move || {
            let mut looks = 0;
            wait(&shared, || {
                looks += 1;
                not_yet();
            });
            done.send(looks)
        });
        result.recv_timeout(LONG).unwrap_or_else(|error| match error {
            RecvTimeoutError::Timeout => panic!("{before}, and it still waits"),
            RecvTimeoutError::Disconnected => panic!("`wait` panicked"),
        })
    }

    /// A kitchen that calls now, and tells when it has.
    fn kitchen(pager: &Arc<Pager>) -> mpsc::Receiver<()> {
        let (called, calls) = mpsc::channel();
        let (begins, begun) = mpsc::channel();
        let pager = Arc::clone(pager);
        thread::spawn(move || {
            let _ = begins.send(());
            page(&pager);
            called.send(())
        });
        begun.recv_timeout(LONG).expect("the thread starts");
        calls
    }

    #[test]
    fn a_call_between_the_look_and_the_sleep_is_heard() {
        let pager = Arc::new(Pager::default());
        let shared = Arc::clone(&pager);
        let not_yet = move || {
            // If the kitchen is kept waiting here, it is not for ever: it can
            // call as soon as the guest sleeps.
            let _ = kitchen(&shared).recv_timeout(Duration::from_millis(300));
        };
        served(&pager, not_yet, "the kitchen called after the guest looked");
    }

    #[test]
    fn a_call_before_the_look_is_heard() {
        let pager = Arc::new(Pager::default());
        let called = kitchen(&pager).recv_timeout(LONG);
        assert!(called.is_ok(), "`page` waits although no guest is there");
        let looks = served(&pager, || (), "the kitchen called before");
        assert_eq!(looks, 0, "it had gone off, and `not_yet` was called");
    }

    #[test]
    fn a_buzz_without_a_call_is_not_enough() {
        let pager = Arc::new(Pager::default());
        let looked = Arc::new(AtomicUsize::new(0));
        let (shared, counter) = (Arc::clone(&pager), Arc::clone(&looked));
        let (done, result) = mpsc::channel();
        thread::spawn(move || {
            wait(&shared, || {
                counter.fetch_add(1, SeqCst);
            });
            done.send(())
        });
        let start = Instant::now();
        while looked.load(SeqCst) == 0 {
            assert!(start.elapsed() < LONG, "it did not call `not_yet`");
            thread::yield_now();
        }
        let start = Instant::now();
        while start.elapsed() < Duration::from_millis(300) {
            pager.buzz.notify_all(); // the pager of the next table
            let early = result.recv_timeout(Duration::from_millis(10));
            assert!(
                early.is_err(),
                "a buzz woke it, and it went on without looking: the kitchen \
                 has not called"
            );
        }
        let _ = kitchen(&pager).recv_timeout(LONG);
        let heard = result.recv_timeout(LONG);
        assert!(heard.is_ok(), "the kitchen called, and it still waits");
    }

    #[test]
    fn the_guest_sleeps_between_two_looks() {
        let pager = Arc::new(Pager::default());
        let (shared, calls) = (Arc::clone(&pager), Arc::clone(&pager));
        thread::spawn(move || {
            thread::sleep(Duration::from_millis(100)); // it cooks
            page(&calls);
        });
        let looks = served(&shared, || (), "the kitchen called");
        assert!(looks < 10, "it looked {looks} times: it does not sleep");
    }
}
