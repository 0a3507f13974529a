//! # Results in order, news as they come
//!
//! 25 minutes
//!
//! You want to see each result the moment it is there, and when all are done, you
//! want the whole list in the order of the inputs. Write `results_in_order`. It
//! starts a thread for each input, which calls `work`. As each result comes, it
//! calls `on_result` with the number of the input (from 0) and the result, always
//! on the thread that called `results_in_order`.
//!
//! In the tests the last input is done first, and each of the others is done
//! when the one after it has been reported. If you join the threads one by one,
//! you wait forever; the test gives up after a while and says so.
//!
//! Hint: Use a channel as `as_completed` does, and let each result travel with
//! the number of its input. Which end of the channel has to be dropped, so that
//! the loop ends? And `move` takes along all that a closure mentions: give it a
//! reference to `work`, or the first thread takes it away from the others.

use std::sync::mpsc;
use std::thread;

pub mod starter {
    use super::*;

    /// Reports each result as it comes. Returns all, in the inputs' order.
    pub fn results_in_order<T: Sync, R: Send>(
        inputs: &[T],
        work: impl Fn(&T) -> R + Sync,
        mut on_result: impl FnMut(usize, &R),
    ) -> Vec<R> {
        let (done, completed) = mpsc::channel();
        thread::scope(|_scope| {
            for (number, input) in inputs.iter().enumerate() {
                let result = work(input); // on this thread: not yet right
                done.send((number, result)).expect("it is received below");
            }
            drop(done);
            let mut results = Vec::new();
            for (number, result) in completed {
                on_result(number, &result);
                results.push(result);
            }
            results
        })
    }
}

pub mod solution {
    use super::*;

    /// Reports each result as it comes. Returns all, in the inputs' order.
    pub fn results_in_order<T: Sync, R: Send>(
        inputs: &[T],
        work: impl Fn(&T) -> R + Sync,
        mut on_result: impl FnMut(usize, &R),
    ) -> Vec<R> {
        let work = &work; // each thread borrows it, none takes it along
        let (done, completed) = mpsc::channel();
        thread::scope(|scope| {
            for (number, input) in inputs.iter().enumerate() {
                let done = done.clone();
                // If `on_result` has panicked, the receiver is gone, and there
                // is nothing left to report to.
                scope.spawn(move || done.send((number, work(input))));
            }
            drop(done); // else the loop waits for a sender that never sends
            let mut results = Vec::new();
            for (number, result) in completed {
                on_result(number, &result);
                results.push((number, result));
            }
            results.sort_by_key(|&(number, _)| number);
            results.into_iter().map(|(_, result)| result).collect()
        })
    }
}

/// You give each thread a clone of the sender and keep the one you cloned. Every
/// result is reported, and then the loop waits for a message that your own
/// sender could still send. You never send one, so the function never returns.
///
/// Caught by `results_come_back_in_the_order_of_the_inputs`.
pub mod wrong_keeps_a_sender {
    use super::*;

    pub fn results_in_order<T: Sync, R: Send>(
        inputs: &[T],
        work: impl Fn(&T) -> R + Sync,
        mut on_result: impl FnMut(usize, &R),
    ) -> Vec<R> {
        let work = &work;
        let (done, completed) = mpsc::channel();
        thread::scope(|scope| {
            for (number, input) in inputs.iter().enumerate() {
                let done = done.clone();
                scope.spawn(move || done.send((number, work(input))));
            }
            let mut results = Vec::new();
            for (number, result) in completed {
                on_result(number, &result);
                results.push((number, result));
            }
            results.sort_by_key(|&(number, _)| number);
            results.into_iter().map(|(_, result)| result).collect()
        })
    }
}

/// You report the results as they come, and put them into the list as they come,
/// too. The numbers that you report are right, but the list has lost them: its
/// first element belongs to the fastest input, and on a quiet machine that is
/// the first one, so you notice when the list is already in use.
///
/// Caught by `results_come_back_in_the_order_of_the_inputs`.
pub mod wrong_order_of_completion {
    use super::*;

    pub fn results_in_order<T: Sync, R: Send>(
        inputs: &[T],
        work: impl Fn(&T) -> R + Sync,
        mut on_result: impl FnMut(usize, &R),
    ) -> Vec<R> {
        let work = &work;
        let (done, completed) = mpsc::channel();
        thread::scope(|scope| {
            for (number, input) in inputs.iter().enumerate() {
                let done = done.clone();
                scope.spawn(move || done.send((number, work(input))));
            }
            drop(done);
            let mut results = Vec::new();
            for (number, result) in completed {
                on_result(number, &result);
                results.push(result);
            }
            results
        })
    }
}

/// You take all messages out of the channel, sort them, and report them then.
/// The list is right, but `collect` waits for the slowest result before the
/// first is reported, so a progress bar stays empty until everything is done.
///
/// Caught by `each_result_is_reported_when_it_is_there`.
pub mod wrong_reports_at_the_end {
    use super::*;

    pub fn results_in_order<T: Sync, R: Send>(
        inputs: &[T],
        work: impl Fn(&T) -> R + Sync,
        mut on_result: impl FnMut(usize, &R),
    ) -> Vec<R> {
        let work = &work;
        let (done, completed) = mpsc::channel();
        thread::scope(|scope| {
            for (number, input) in inputs.iter().enumerate() {
                let done = done.clone();
                scope.spawn(move || done.send((number, work(input))));
            }
            drop(done);
            let mut results: Vec<_> = completed.iter().collect();
            results.sort_by_key(|&(number, _)| number);
            for (number, result) in &results {
                on_result(*number, result);
            }
            results.into_iter().map(|(_, result)| result).collect()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::solution::*;
    use super::*;
    use std::sync::{Arc, Condvar, Mutex};
    use std::time::Duration;

    /// Which inputs have been reported. An input's work is done when the one
    /// after it is among them.
    #[derive(Default)]
    struct Reported {
        numbers: Mutex<Vec<usize>>,
        changed: Condvar,
    }

    impl Reported {
        fn add(&self, number: usize) {
            self.numbers.lock().unwrap().push(number);
            self.changed.notify_all();
        }

        fn wait_for(&self, number: usize) {
            let numbers = self.numbers.lock().unwrap();
            let missing = |numbers: &mut Vec<usize>| !numbers.contains(&number);
            drop(self.changed.wait_while(numbers, missing).unwrap());
        }
    }

    /// The last of four inputs is done first. Returns the order of the reports,
    /// and the results.
    fn last_first() -> (Vec<usize>, Vec<String>) {
        let reported = Arc::new(Reported::default());
        let shared = Arc::clone(&reported);
        let (finished, wait) = mpsc::channel();
        let run = thread::spawn(move || {
            let results = results_in_order(
                &[0, 1, 2, 3],
                |&number| {
                    if number < 3 {
                        shared.wait_for(number + 1);
                    }
                    format!("result {number}")
                },
                |number, _| shared.add(number),
            );
            let _ = finished.send(()); // the test can have given up
            results
        });
        let limit = Duration::from_secs(4);
        if wait.recv_timeout(limit) == Err(mpsc::RecvTimeoutError::Timeout) {
            let numbers = reported.numbers.lock().unwrap().clone();
            match numbers.len() {
                4 => panic!(
                    "all four results have been reported, and it still does \
                     not return: which sender could send another?"
                ),
                _ => panic!(
                    "reported so far: {numbers:?}, and it waits. Each result has \
                     to be reported while the others are still being worked on"
                ),
            }
        }
        let results = run.join().expect("it panicked: see the message above");
        let order = reported.numbers.lock().unwrap().clone();
        (order, results)
    }

    #[test]
    fn each_result_is_reported_when_it_is_there() {
        assert_eq!(last_first().0, [3, 2, 1, 0]);
    }

    #[test]
    fn results_come_back_in_the_order_of_the_inputs() {
        let expected = ["result 0", "result 1", "result 2", "result 3"];
        let results = last_first().1;
        assert_eq!(results, expected, "the last input was done first");
    }

    #[test]
    fn reports_come_on_the_thread_that_called() {
        let caller = thread::current().id();
        let mut reports = 0;
        results_in_order(
            &[1, 2, 3],
            |n| n * 10,
            |number, &result| {
                assert_eq!(thread::current().id(), caller);
                assert_eq!(result, (number + 1) * 10);
                reports += 1;
            },
        );
        assert_eq!(reports, 3, "every result is reported, and once");
    }

    #[test]
    fn no_inputs_are_no_results() {
        let none: Vec<u8> = results_in_order(&[], |n: &u8| *n, |_, _| {});
        assert!(none.is_empty());
    }
}
