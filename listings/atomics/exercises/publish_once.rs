//! # Publish once
//!
//! 25 minutes
//!
//! A setting is unknown when the program starts. Some thread finds it out,
//! once, and from then on every thread reads it without waiting. The state of
//! the cell is EMPTY, then WRITING, then READY.
//!
//! The starter seems to work as long as one thread publishes and you run it on
//! a PC. It has two faults: two threads that publish at the same moment can
//! both write, and nothing orders the value and the state that announces it.
//!
//! Repair `publish` and `read`. The first to publish wins; whoever comes later
//! gets the value back. `read` does not wait: while the value is written, there
//! is none. Then write `SAFETY` comments that are true.
//!
//! A test that runs threads cannot see a missing ordering on a PC, so `State`
//! keeps a list of the orderings that you use, and the tests look at it. The
//! list does not see fences, so put the orderings on the operations.
//!
//! Hint: Who may write is decided by one `exchange` from EMPTY to WRITING.
//! (Does its winner read anything that another thread wrote?) Which store makes
//! the value visible, and which load sees that?

use std::cell::UnsafeCell;
use std::sync::Mutex;
use std::sync::atomic::{
    AtomicU8,
    Ordering::{self, Acquire, Relaxed, Release},
};

pub const EMPTY: u8 = 0;
pub const WRITING: u8 = 1;
pub const READY: u8 = 2;

/// An atomic state that remembers the orderings of its uses.
pub struct State(AtomicU8, Mutex<Vec<(&'static str, Ordering)>>);

impl State {
    fn note(&self, what: &'static str, ordering: Ordering) -> &AtomicU8 {
        self.1.lock().expect("no thread panics").push((what, ordering));
        &self.0
    }

    pub fn load(&self, ordering: Ordering) -> u8 {
        self.note("load", ordering).load(ordering)
    }

    pub fn store(&self, value: u8, ordering: Ordering) {
        self.note("store", ordering).store(value, ordering);
    }

    /// Whether it was `from`, and is `to` now.
    pub fn exchange(&self, from: u8, to: u8, ordering: Ordering) -> bool {
        let what = match (from, to) {
            (EMPTY, WRITING) => "exchange",
            _ => "another exchange",
        };
        self.note(what, ordering)
            .compare_exchange(from, to, ordering, Relaxed)
            .is_ok()
    }
}

pub struct Published<T> {
    pub state: State,
    pub value: UnsafeCell<Option<T>>,
}

// SAFETY: one thread writes the value, before the state is READY; after that
// the threads only read it.
unsafe impl<T: Send + Sync> Sync for Published<T> {}

impl<T> Default for Published<T> {
    fn default() -> Published<T> {
        Published {
            state: State(AtomicU8::new(EMPTY), Mutex::default()),
            value: UnsafeCell::new(None),
        }
    }
}

pub mod starter {
    use super::*;

    /// Makes the value known, unless one is known already or being written;
    /// then it is given back.
    pub fn publish<T>(cell: &Published<T>, value: T) -> Result<(), T> {
        if cell.state.load(Relaxed) != EMPTY {
            return Err(value);
        }
        // SAFETY: wrong! Two threads can both have found it EMPTY.
        unsafe { *cell.value.get() = Some(value) };
        cell.state.store(READY, Relaxed);
        Ok(())
    }

    /// The value, if it is known.
    pub fn read<T>(cell: &Published<T>) -> Option<&T> {
        if cell.state.load(Relaxed) != READY {
            return None;
        }
        // SAFETY: wrong! It can be READY before the value is seen.
        unsafe { (*cell.value.get().cast_const()).as_ref() }
    }
}

pub mod solution {
    use super::*;

    /// Makes the value known, unless one is known already or being written;
    /// then it is given back.
    pub fn publish<T>(cell: &Published<T>, value: T) -> Result<(), T> {
        // Relaxed is enough: this thread reads nothing that another has
        // written. It only has to be the only one that succeeds.
        if !cell.state.exchange(EMPTY, WRITING, Relaxed) {
            return Err(value);
        }
        // SAFETY: only one exchange finds it EMPTY, and readers wait for READY.
        unsafe { *cell.value.get() = Some(value) };
        cell.state.store(READY, Release);
        Ok(())
    }

    /// The value, if it is known.
    pub fn read<T>(cell: &Published<T>) -> Option<&T> {
        if cell.state.load(Acquire) != READY {
            return None;
        }
        // SAFETY: the load read what the Release store wrote, so the value was
        // written before, and it is not written again.
        unsafe { (*cell.value.get().cast_const()).as_ref() }
    }
}

#[cfg(test)]
mod tests {
    use super::solution::*;
    use super::*;
    use std::sync::Barrier;
    use std::sync::atomic::Ordering::{AcqRel, SeqCst};
    use std::thread;

    fn used(cell: &Published<i32>) -> Vec<(&'static str, Ordering)> {
        cell.state.1.lock().unwrap().clone()
    }

    #[test]
    fn a_value_is_published_once() {
        let cell = Published::default();
        assert_eq!(read(&cell), None);
        assert_eq!(publish(&cell, 7), Ok(()));
        assert_eq!(publish(&cell, 8), Err(8), "the first one stays");
        assert_eq!(read(&cell), Some(&7));
    }

    #[test]
    fn a_cell_that_is_being_written_is_left_alone() {
        let cell = Published::default();
        cell.state.0.store(WRITING, Relaxed);
        assert_eq!(read(&cell), None, "it is not READY yet");
        assert_eq!(
            publish(&cell, 7),
            Err(7),
            "another thread is writing, and this one wrote too"
        );
    }

    #[test]
    fn who_writes_is_decided_in_one_step() {
        let cell = Published::default();
        publish(&cell, 7).unwrap();
        assert!(
            used(&cell).iter().any(|(what, _)| *what == "exchange"),
            "no exchange from EMPTY to WRITING: a reader or a second writer \
             can come in while the value is written"
        );
    }

    #[test]
    fn of_two_threads_one_wins_and_its_value_is_read() {
        for _ in 0..500 {
            let (cell, both) = (Published::default(), Barrier::new(2));
            let race = |mine| {
                both.wait();
                publish(&cell, mine).is_ok()
            };
            let won = thread::scope(|scope| {
                let other = scope.spawn(|| race(2));
                [race(1), other.join().unwrap()]
            });
            assert_ne!(won[0], won[1], "one of the two wins");
            let winner = if won[0] { 1 } else { 2 };
            assert_eq!(read(&cell), Some(&winner));
        }
    }

    #[test]
    fn the_state_carries_the_value_along() {
        let cell = Published::default();
        publish(&cell, 7).unwrap();
        let mut uses = used(&cell);
        assert!(uses.len() > 1, "it is READY before the value is written");
        let last = uses.pop().unwrap();
        assert!(
            matches!(last, (_, Release | AcqRel | SeqCst)),
            "`publish` ends with {last:?}: the value is not tied to it"
        );
        read(&cell);
        let last = used(&cell).pop().unwrap();
        assert!(
            matches!(last, (_, Acquire | AcqRel | SeqCst)),
            "`read` ends with {last:?}: it can see READY and an old value"
        );
    }
}
