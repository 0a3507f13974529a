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
//! the pager unused. Each time the guest has looked and it has not gone off,
//! `wait` calls `not_yet`, before it sleeps (the guest orders another glass of
//! water).
//!
//! The tests choose the moment: their kitchen, a thread that the guest does not
//! wait for, calls while the guest orders. (`wait_timeout` would only make the
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

#[cfg(test)]
mod tests {
    use super::solution::*;
    use super::*;
    use std::sync::Arc;
    use std::sync::atomic::AtomicUsize;
    use std::sync::mpsc::{self, RecvTimeoutError};
    use std::thread;
    use std::time::Duration;

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

    /// A kitchen that calls, and tells when it has.
    fn kitchen(pager: &Arc<Pager>) -> mpsc::Receiver<()> {
        let (called, calls) = mpsc::channel();
        let pager = Arc::clone(pager);
        thread::spawn(move || {
            page(&pager);
            called.send(())
        });
        calls
    }

    #[test]
    fn a_call_between_the_look_and_the_sleep_is_heard() {
        let pager = Arc::new(Pager::default());
        let shared = Arc::clone(&pager);
        let not_yet = move || {
            // If the kitchen is kept waiting here, it is not for ever: it can
            // call as soon as the guest sleeps.
            let _ = kitchen(&shared).recv_timeout(Duration::from_millis(100));
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
    fn a_buzz_without_a_call_wakes_nobody_for_good() {
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
        for _ in 0..20 {
            pager.buzz.notify_all(); // somebody at the next table
            thread::sleep(Duration::from_millis(1));
        }
        assert!(result.try_recv().is_err(), "it goes on, and has no meal");
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
