//! # Force an order
//!
//! 15 minutes
//!
//! The two jobs of the chapter run on a thread each, so their steps come in any
//! of six orders. Make them come in the order that is asked for, every time:
//! `in_order("A12B", step)` calls `step` with `A`, `1`, `2` and `B`, in this
//! order. The first job's steps stay on its thread, and the second job's on
//! the other.
//!
//! The threads are there. What is missing is `wait_for_turn`: it returns when
//! it is the turn of a step, and not earlier. All that it needs to know is how
//! many steps are done. The tests ask for each of the six orders, many times,
//! and look at who did what.
//!
//! Hint: At which place of the order does a step stand? Wait as the threads of
//! the chapter wait for each other: look again and again (`done.load(SeqCst)`
//! reads the number), and offer your core with `thread::yield_now()` in between.

use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::thread;

/// Runs both jobs, a thread for each. Each step waits until `wait_for_turn`
/// returns: it is given the order, the number of steps that are done, and the
/// name of the step.
fn with_two_threads(
    order: &str,
    step: impl Fn(char) + Sync,
    wait_for_turn: fn(&str, &AtomicUsize, char),
) {
    let done = AtomicUsize::new(0);
    let job = |names: [char; 2]| {
        for name in names {
            wait_for_turn(order, &done, name);
            step(name);
            done.fetch_add(1, SeqCst);
        }
    };
    thread::scope(|scope| {
        scope.spawn(|| job(['1', '2']));
        scope.spawn(|| job(['A', 'B']));
    });
}

pub mod starter {
    use super::*;

    /// Does both jobs at the same time, their steps in this order.
    pub fn in_order(order: &str, step: impl Fn(char) + Sync) {
        with_two_threads(order, step, wait_for_turn);
    }

    /// Returns when so many steps are done that the next is this one.
    #[allow(unused_variables)]
    fn wait_for_turn(order: &str, done: &AtomicUsize, name: char) {
        todo!("wait until `done` says that it is the turn of `name`")
    }
}

pub mod solution {
    use super::*;

    /// Does both jobs at the same time, their steps in this order.
    pub fn in_order(order: &str, step: impl Fn(char) + Sync) {
        with_two_threads(order, step, wait_for_turn);
    }

    /// Returns when so many steps are done that the next is this one.
    fn wait_for_turn(order: &str, done: &AtomicUsize, name: char) {
        let place = order.find(name).expect("the order names every step");
        // Whoever comes too early asks again. The other thread needs a core to
        // get there, and on a machine with one core it needs this one.
        while done.load(SeqCst) != place {
            thread::yield_now();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::solution::*;
    use super::*;
    use std::sync::{Arc, Mutex, mpsc};
    use std::thread::ThreadId;
    use std::time::Duration;

    type Page = Vec<(char, ThreadId)>;

    /// What was done, and by whom; a run that never ends is a failed test.
    fn done_in_order(order: &'static str) -> Page {
        let page = Arc::new(Mutex::new(Page::new()));
        let (finished, wait) = mpsc::channel();
        let pen = Arc::clone(&page);
        let run = thread::spawn(move || {
            in_order(order, |name| {
                pen.lock().unwrap().push((name, thread::current().id()));
            });
            let _ = finished.send(()); // the test can have given up
        });
        match wait.recv_timeout(Duration::from_secs(8)) {
            Err(mpsc::RecvTimeoutError::Timeout) => panic!(
                "{order}: somebody still waits for a turn that never comes; \
                 done so far: {:?}",
                names(&page.lock().unwrap())
            ),
            _ => run.join().expect("a job panicked: see its message above"),
        }
        Arc::into_inner(page).unwrap().into_inner().unwrap()
    }

    fn names(page: &Page) -> String {
        page.iter().map(|(name, _)| *name).collect()
    }

    #[test]
    fn each_of_the_six_orders_comes_when_it_is_asked_for() {
        for order in ["12AB", "1A2B", "1AB2", "A12B", "A1B2", "AB12"] {
            for _ in 0..50 {
                assert_eq!(names(&done_in_order(order)), order);
            }
        }
    }

    #[test]
    fn each_job_stays_on_a_thread_of_its_own() {
        let page = done_in_order("1A2B");
        let by = |wanted: char| {
            page.iter().find(|(name, _)| *name == wanted).unwrap().1
        };
        assert_eq!(by('1'), by('2'), "the first job changed its thread");
        assert_eq!(by('A'), by('B'), "the second job changed its thread");
        assert_ne!(by('1'), by('A'), "both jobs were done by one thread");
    }
}
