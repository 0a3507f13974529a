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
//! Repair `publish` and `read`. The first thread to publish wins; a thread that
//! comes later gets its value back. `read` does not wait: while the value is
//! written, there is none. Then write `SAFETY` comments that are true.
//!
//! A test that runs threads cannot see a missing ordering on a PC, so `State`
//! keeps a list of the orderings that you use, and the tests look at it. The
//! list does not see fences, so put the orderings on the operations.
//!
//! Hint: One `exchange` from EMPTY to WRITING decides which thread writes.
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
        let mut uses = self.1.lock().expect("no thread panics");
        // A thread that asks in a loop is noted once.
        if uses.last() != Some(&(what, ordering)) {
            uses.push((what, ordering));
        }
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

/// You put a strong ordering on the exchange, the step that decides, and leave
/// the store of READY relaxed. The exchange happens before the value is
/// written, so it cannot carry the value along: a reader can see READY and a
/// value that is not there yet.
///
/// Caught by `the_state_carries_the_value_along`.
pub mod wrong_orders_the_exchange {
    pub use super::solution::*;
    use super::*;
    use std::sync::atomic::Ordering::AcqRel;

    pub fn publish<T>(cell: &Published<T>, value: T) -> Result<(), T> {
        if !cell.state.exchange(EMPTY, WRITING, AcqRel) {
            return Err(value);
        }
        // SAFETY: only one exchange finds it EMPTY.
        unsafe { *cell.value.get() = Some(value) };
        cell.state.store(READY, Relaxed);
        Ok(())
    }
}

/// You look whether the cell is EMPTY and then store WRITING, which are two
/// steps. Two threads can both look before one of them has stored, and then
/// both write into the cell at the same time.
///
/// Caught by `who_writes_is_decided_in_one_step`.
pub mod wrong_looks_and_then_stores {
    pub use super::solution::*;
    use super::*;

    pub fn publish<T>(cell: &Published<T>, value: T) -> Result<(), T> {
        if cell.state.load(Acquire) != EMPTY {
            return Err(value);
        }
        cell.state.store(WRITING, Release);
        // SAFETY: wrong! Another thread can have found it EMPTY as well.
        unsafe { *cell.value.get() = Some(value) };
        cell.state.store(READY, Release);
        Ok(())
    }
}

/// You go from EMPTY to READY in one exchange, and then write the value. Only
/// one thread writes, but a reader that comes in between finds the cell READY
/// and reads while the value is being written.
///
/// Caught by `the_state_carries_the_value_along`.
pub mod wrong_ready_before_it_is_written {
    pub use super::solution::*;
    use super::*;
    use std::sync::atomic::Ordering::AcqRel;

    pub fn publish<T>(cell: &Published<T>, value: T) -> Result<(), T> {
        if !cell.state.exchange(EMPTY, READY, AcqRel) {
            return Err(value);
        }
        // SAFETY: wrong! Readers are let in already.
        unsafe { *cell.value.get() = Some(value) };
        Ok(())
    }
}

/// You let `read` wait until the value has been written. The orderings are
/// right, but the task says that `read` does not wait: if the writer loses its
/// core at that moment, every reader burns its own until the writer is back.
///
/// Caught by `a_cell_that_is_being_written_is_left_alone`.
pub mod wrong_waits_for_the_writer {
    pub use super::solution::*;
    use super::*;
    use std::hint;

    pub fn read<T>(cell: &Published<T>) -> Option<&T> {
        while cell.state.load(Acquire) == WRITING {
            hint::spin_loop();
        }
        super::solution::read(cell)
    }
}

#[cfg(test)]
mod tests {
    use super::solution::*;
    use super::*;
    use std::sync::atomic::Ordering::{AcqRel, SeqCst};
    use std::sync::mpsc::{self, RecvTimeoutError};
    use std::sync::{Arc, Barrier};
    use std::thread;
    use std::time::Duration;

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
        let cell = Arc::new(Published::default());
        cell.state.0.store(WRITING, Relaxed);
        let (shared, (done, result)) = (Arc::clone(&cell), mpsc::channel());
        thread::spawn(move || {
            let _ = done.send(Ok(read(&shared).copied()));
            let _ = done.send(Err(publish(&shared, 7)));
        });
        let next = |waits| match result.recv_timeout(Duration::from_secs(5)) {
            Ok(found) => found,
            Err(RecvTimeoutError::Timeout) => panic!(
                "another thread is writing, and `{waits}` waits until it is done"
            ),
            Err(RecvTimeoutError::Disconnected) => panic!("`{waits}` panicked"),
        };
        assert_eq!(next("read"), Ok(None), "it is not READY yet");
        assert_eq!(
            next("publish"),
            Err(Err(7)),
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
