//! # Force an order
//!
//! 15 minutes
//!
//! The two jobs of the chapter run on a thread each, so their steps come in any
//! of six orders. Make them come in the order that is asked for, every time:
//! `in_order("A12B", step)` calls `step` with `A`, `1`, `2` and `B`, in this
//! order. A step begins when the one before it is done. The steps of the first
//! job (`1` and `2`) stay on its thread, and those of the second (`A` and `B`)
//! stay on the other.
//!
//! The threads are there, and each calls `wait_for_turn` before every step. Write
//! that function: it returns when it is the turn of this step, and no earlier. It
//! is told how many steps are done, and that is all it needs to know. The tests
//! ask for each of the six orders, many times, and look at which thread did what.
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
        // A thread that comes too early asks again. The other one needs a core
        // to get there, and on a machine with one core it needs this one.
        while done.load(SeqCst) != place {
            thread::yield_now();
        }
    }
}

/// You look at the number of steps once, and if it is not yet your turn, you
/// offer your core and go on. One turn of the scheduler does not mean that the
/// other job has done its step. If that step takes longer, yours begins in the
/// middle of it, and your order holds on a quiet machine only.
///
/// Caught by `a_step_begins_when_the_one_before_it_is_done`.
pub mod wrong_looks_once {
    use super::*;

    pub fn in_order(order: &str, step: impl Fn(char) + Sync) {
        with_two_threads(order, step, wait_for_turn);
    }

    fn wait_for_turn(order: &str, done: &AtomicUsize, name: char) {
        let place = order.find(name).expect("the order names every step");
        if done.load(SeqCst) != place {
            thread::yield_now();
        }
    }
}

/// You read the number of steps before the loop, and inside the loop you compare
/// that copy. The number goes up while you wait, but your copy does not, so a
/// thread that comes too early waits forever.
///
/// Caught by `each_of_the_six_orders_comes_when_it_is_asked_for`.
pub mod wrong_reads_the_number_once {
    use super::*;

    pub fn in_order(order: &str, step: impl Fn(char) + Sync) {
        with_two_threads(order, step, wait_for_turn);
    }

    fn wait_for_turn(order: &str, done: &AtomicUsize, name: char) {
        let place = order.find(name).expect("the order names every step");
        let steps = done.load(SeqCst);
        #[allow(clippy::while_immutable_condition)]
        while steps != place {
            thread::yield_now();
        }
    }
}

/// You give every step a thread of its own and join it before you start the
/// next. The order is right, but nothing is left of the two jobs: each of them
/// was meant to stay on its thread, with what it remembers from one step to the
/// next, and now the steps run one after the other on four threads.
///
/// Caught by `each_job_stays_on_a_thread_of_its_own`.
pub mod wrong_thread_for_each_step {
    use super::*;

    pub fn in_order(order: &str, step: impl Fn(char) + Sync) {
        for name in order.chars() {
            thread::scope(|scope| {
                scope.spawn(|| step(name));
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::solution::*;
    use super::*;
    use std::sync::{Arc, Condvar, Mutex, mpsc};
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
        match wait.recv_timeout(Duration::from_secs(3)) {
            Err(mpsc::RecvTimeoutError::Timeout) => panic!(
                "{order}: a thread still waits for a turn that never comes; \
                 steps done so far: {:?}",
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
    fn a_step_begins_when_the_one_before_it_is_done() {
        for order in ["12AB", "1A2B", "1AB2", "A12B", "A1B2", "AB12"] {
            // Each step goes on until the next has begun, which it must not, or
            // until a moment has passed.
            let (begun, changed) = (Mutex::new(String::new()), Condvar::new());
            let early = Mutex::new(Vec::new());
            in_order(order, |name| {
                let mut begun = begun.lock().unwrap();
                begun.push(name);
                changed.notify_all();
                let steps = begun.len();
                let moment = Duration::from_millis(50);
                let (begun, _) = changed
                    .wait_timeout_while(begun, moment, |now| now.len() == steps)
                    .unwrap();
                if let Some(next) = begun[steps..].chars().next() {
                    let found = format!("{next} began while {name} went on");
                    early.lock().unwrap().push(found);
                }
            });
            let early = early.into_inner().unwrap();
            assert!(early.is_empty(), "{order}: {}", early.join(", "));
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
