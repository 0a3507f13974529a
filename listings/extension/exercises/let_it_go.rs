//! # Let it go, and take it again
//!
//! 20 minutes
//!
//! A toy of an interpreter with a lock. A thread that holds the lock has a
//! `Held`: a token through which it reads and changes the interpreter's
//! objects. `detach` is yours to write; PyO3 has one for the real interpreter.
//! The starter calls the closure with the lock in hand, so that no other thread
//! gets in meanwhile.
//!
//! Write `detach`: it lets the lock go, calls the closure once, takes the lock
//! again, and returns what the closure returned, so that the caller goes on with
//! the token it had. If the closure panics, the lock is taken again all the
//! same, and then the panic goes on.
//!
//! Then repair `add_up`, which adds up the interpreter's numbers by a slow
//! function, and puts the sum into its results. The numbers are an object of the
//! interpreter, so they can be copied only with the lock held. `slow_sum`
//! needs none. The results are changed with the lock held again.
//!
//! The tests find out through `try_hold` whether the lock is free. They give up
//! after five seconds.
//!
//! Hint: `catch_unwind(AssertUnwindSafe(work))` returns a panic as an `Err`, and
//! `resume_unwind` lets it go on.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// What belongs to the interpreter: changed by the thread that holds its lock.
#[derive(Default)]
pub struct Objects {
    pub numbers: Vec<u64>,
    pub results: Vec<u64>,
}

#[derive(Default)]
pub struct Interpreter {
    objects: Mutex<Objects>,
}

/// The token of a thread that holds the lock.
pub struct Held<'a> {
    pub interpreter: &'a Interpreter,
    /// `None` while it is let go.
    pub guard: Option<MutexGuard<'a, Objects>>,
}

impl Interpreter {
    /// Waits for the lock. A thread that panicked with it has left it usable.
    pub fn take(&self) -> MutexGuard<'_, Objects> {
        self.objects.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn hold(&self) -> Held<'_> {
        Held { interpreter: self, guard: Some(self.take()) }
    }

    /// Holds the lock if it is free.
    pub fn try_hold(&self) -> Option<Held<'_>> {
        let guard = self.objects.try_lock().ok()?;
        Some(Held { interpreter: self, guard: Some(guard) })
    }
}

impl Held<'_> {
    pub fn objects(&mut self) -> &mut Objects {
        self.guard.as_mut().expect("the lock is held")
    }
}

pub mod starter {
    use super::*;

    /// Calls `work` without the lock, and holds the lock again after it.
    #[allow(unused_variables)]
    pub fn detach<T>(held: &mut Held<'_>, work: impl FnOnce() -> T) -> T {
        work()
    }

    /// Adds up the numbers, and puts the sum into the results.
    pub fn add_up(held: &mut Held<'_>, slow_sum: impl FnOnce(&[u64]) -> u64) {
        let sum = slow_sum(&held.objects().numbers);
        held.objects().results.push(sum);
    }
}

pub mod solution {
    use super::*;

    /// Calls `work` without the lock, and holds the lock again after it.
    pub fn detach<T>(held: &mut Held<'_>, work: impl FnOnce() -> T) -> T {
        drop(held.guard.take());
        // The token is used again only after the lock is there again.
        let done = catch_unwind(AssertUnwindSafe(work));
        held.guard = Some(held.interpreter.take());
        done.unwrap_or_else(|panic| resume_unwind(panic))
    }

    /// Adds up the numbers, and puts the sum into the results.
    pub fn add_up(held: &mut Held<'_>, slow_sum: impl FnOnce(&[u64]) -> u64) {
        // A copy: other threads can change the numbers while they are added up.
        let numbers = held.objects().numbers.clone();
        let sum = detach(held, || slow_sum(&numbers));
        held.objects().results.push(sum);
    }
}

/// Drops the lock, calls `work`, and takes the lock again in the next line. A
/// panic in `work` skips that line, so the code that catches the panic has a token
/// without a lock, and the next look at an object fails.
///
/// Caught by `a_panic_goes_on_with_the_lock_held`.
pub mod wrong_a_panic_skips_the_lock {
    pub use super::solution::add_up;
    use super::*;

    pub fn detach<T>(held: &mut Held<'_>, work: impl FnOnce() -> T) -> T {
        drop(held.guard.take());
        let done = work();
        held.guard = Some(held.interpreter.take());
        done
    }
}

/// Takes the numbers out of the interpreter, adds them up without the lock, and
/// puts them back. It spares the copy, but meanwhile every other thread finds an
/// empty list, and what it adds to that list is gone when the old one comes back.
///
/// Caught by `another_thread_works_with_the_objects_while_the_sum_is_made`.
pub mod wrong_takes_the_numbers_away {
    pub use super::solution::detach;
    use super::*;

    pub fn add_up(held: &mut Held<'_>, slow_sum: impl FnOnce(&[u64]) -> u64) {
        let numbers = std::mem::take(&mut held.objects().numbers);
        let sum = detach(held, || slow_sum(&numbers));
        let objects = held.objects();
        objects.numbers = numbers;
        objects.results.push(sum);
    }
}

/// Lets the lock go, and then takes it once more inside the closure to read the
/// numbers. That guard lives to the end of the statement, which is the call of
/// `slow_sum`: the sum is made with the lock held, as in the starter.
///
/// Caught by `another_thread_works_with_the_objects_while_the_sum_is_made`.
pub mod wrong_takes_the_lock_inside {
    pub use super::solution::detach;
    use super::*;

    pub fn add_up(held: &mut Held<'_>, slow_sum: impl FnOnce(&[u64]) -> u64) {
        let interpreter = held.interpreter;
        let sum = detach(held, || slow_sum(&interpreter.take().numbers));
        held.objects().results.push(sum);
    }
}

#[cfg(test)]
mod tests {
    use super::solution::*;
    use super::*;
    use std::sync::mpsc::{self, RecvTimeoutError};
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

    /// Another thread tries for the lock.
    fn is_free(interpreter: &Interpreter) -> bool {
        thread::scope(|scope| {
            let other = scope.spawn(|| interpreter.try_hold().is_some());
            other.join().expect("no panic")
        })
    }

    #[test]
    fn the_lock_is_free_meanwhile_and_held_afterward() {
        within_five_seconds(|| {
            let interpreter = Interpreter::default();
            let mut held = interpreter.hold();
            let mut calls = 0;
            let (free, answer) = detach(&mut held, || {
                calls += 1;
                (is_free(&interpreter), 42)
            });
            assert!(free, "another thread did not get the lock meanwhile");
            assert_eq!((calls, answer), (1, 42));
            assert!(!is_free(&interpreter), "it was not taken again");
            held.objects().results.push(answer);
        });
    }

    #[test]
    fn a_panic_goes_on_with_the_lock_held() {
        within_five_seconds(|| {
            let interpreter = Interpreter::default();
            let mut held = interpreter.hold();
            let caught = catch_unwind(AssertUnwindSafe(|| {
                detach(&mut held, || -> () { resume_unwind(Box::new("no")) })
            }));
            let panic = caught.expect_err("the panic was swallowed");
            assert_eq!(panic.downcast_ref(), Some(&"no"), "another panic");
            assert!(held.guard.is_some(), "the token has no lock any more");
            assert!(!is_free(&interpreter), "it was not taken again");
        });
    }

    #[test]
    fn another_thread_works_with_the_objects_while_the_sum_is_made() {
        within_five_seconds(|| {
            let interpreter = Interpreter::default();
            let mut held = interpreter.hold();
            held.objects().numbers = vec![1, 2, 3];
            let mut free = false;
            add_up(&mut held, |numbers| {
                free = is_free(&interpreter);
                if free {
                    thread::scope(|scope| {
                        scope.spawn(|| {
                            let mut other = interpreter.hold();
                            other.objects().numbers.push(100);
                            other.objects().results.push(100);
                        });
                    });
                }
                numbers.iter().sum()
            });
            assert!(free, "`slow_sum` was called with the lock held");
            assert_eq!(
                held.objects().numbers,
                [1, 2, 3, 100],
                "a change is lost"
            );
            assert_eq!(held.objects().results, [100, 6]);
        });
    }

    #[test]
    fn two_that_let_go_are_outside_at_the_same_time() {
        within_five_seconds(|| {
            let interpreter = Interpreter::default();
            let (here, there) = mpsc::channel();
            let (back, answer) = mpsc::channel();
            thread::scope(|scope| {
                let interpreter = &interpreter;
                scope.spawn(move || {
                    detach(&mut interpreter.hold(), || {
                        here.send(()).expect("the other one is there");
                        answer.recv_timeout(LONG).expect("an answer");
                    });
                });
                scope.spawn(move || {
                    detach(&mut interpreter.hold(), || {
                        there.recv_timeout(LONG).expect("the first one");
                        back.send(()).expect("the first one waits");
                    });
                });
            });
        });
    }
}
