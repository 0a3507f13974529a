//! # Spin, then park
//!
//! 20 minutes
//!
//! A thread waits at a gate until another thread opens it. If that happens soon,
//! looking again is the fastest way to find out. If it takes long, looking burns
//! a core. The starter looks forever.
//!
//! Write `wait` so that it looks `SPINS` times (one more does no harm) and then
//! sleeps between looks, and `open` so that a thread that sleeps is woken.
//! `thread::park` sleeps until another thread calls `unpark`, and it is allowed
//! to return without a reason, so `wait` returns only if it has seen the gate
//! open.
//!
//! The gate counts how often it is looked at.
//!
//! Hint: `park` and `unpark` pass a token: if `unpark` comes first, the next
//! `park` returns at once. So look, then park, and look again.

use std::hint;
use std::sync::atomic::{
    AtomicBool, AtomicUsize,
    Ordering::{Acquire, Relaxed, Release},
};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

/// How often `wait` looks before it sleeps.
pub const SPINS: usize = 100;

pub struct Gate {
    is_open: AtomicBool,
    looks: AtomicUsize,
    /// Opens slowly, so that a thread that is woken can look before. One of the
    /// tests has such a gate.
    heavy: bool,
    /// The thread that waits, to be woken.
    pub waiter: Thread,
}

impl Gate {
    /// The thread that makes the gate is the one that waits at it.
    pub fn new() -> Gate {
        Gate {
            is_open: AtomicBool::new(false),
            looks: AtomicUsize::new(0),
            heavy: false,
            waiter: thread::current(),
        }
    }

    /// Whether it is open. If so, all that came before `set_open` is seen.
    pub fn look(&self) -> bool {
        let is_open = self.is_open.load(Acquire);
        self.looks.fetch_add(1, Relaxed);
        is_open
    }

    pub fn set_open(&self) {
        if self.heavy {
            let (looks, start) = (self.looks(), Instant::now());
            let patience = Duration::from_millis(300);
            while self.looks() == looks && start.elapsed() < patience {
                thread::yield_now();
            }
        }
        self.is_open.store(true, Release);
    }

    pub fn looks(&self) -> usize {
        self.looks.load(Relaxed)
    }
}

impl Default for Gate {
    fn default() -> Gate {
        Gate::new()
    }
}

pub mod starter {
    use super::*;

    /// Opens the gate, and wakes the thread that waits.
    pub fn open(gate: &Gate) {
        gate.set_open();
    }

    /// Returns once the gate is open.
    pub fn wait(gate: &Gate) {
        while !gate.look() {
            hint::spin_loop();
        }
    }
}

pub mod solution {
    use super::*;

    /// Opens the gate, and wakes the thread that waits.
    pub fn open(gate: &Gate) {
        // In this order: a thread that is woken finds the gate open.
        gate.set_open();
        gate.waiter.unpark();
    }

    /// Returns once the gate is open.
    pub fn wait(gate: &Gate) {
        for _ in 0..SPINS {
            if gate.look() {
                return;
            }
            hint::spin_loop();
        }
        // If the gate opens between a look and `park`, the token is there,
        // and `park` returns at once.
        loop {
            thread::park();
            if gate.look() {
                return;
            }
        }
    }
}

/// You wake the thread and then open the gate. The thread can be fast: it finds
/// the gate closed, sleeps again, and its token is spent. The gate opens right
/// after that, and the thread is never told.
///
/// Caught by `the_gate_is_open_when_the_thread_is_woken`.
pub mod wrong_wakes_before_it_opens {
    pub use super::solution::*;
    use super::*;

    pub fn open(gate: &Gate) {
        gate.waiter.unpark();
        gate.set_open();
    }
}

/// You take the return of `park` as the news that the gate is open. `park` can
/// return without a reason, or because of a token from another place, and then
/// the thread walks through a gate that is closed.
///
/// Caught by `being_woken_is_not_enough_to_get_through`.
pub mod wrong_goes_through_when_woken {
    pub use super::solution::*;
    use super::*;

    pub fn wait(gate: &Gate) {
        for _ in 0..SPINS {
            if gate.look() {
                return;
            }
            hint::spin_loop();
        }
        thread::park();
    }
}

/// Your thread sleeps for a millisecond between looks, so `open` has no thread
/// to wake. But yours wakes up a thousand times a second for nothing, and still
/// comes up to a millisecond late when the gate opens.
///
/// Caught by `a_thread_that_waits_long_stops_looking`.
pub mod wrong_sleeps_by_the_clock {
    use super::*;

    pub fn open(gate: &Gate) {
        gate.set_open();
    }

    pub fn wait(gate: &Gate) {
        for _ in 0..SPINS {
            if gate.look() {
                return;
            }
            hint::spin_loop();
        }
        while !gate.look() {
            thread::park_timeout(Duration::from_millis(1));
        }
    }
}

/// Your thread looks once and parks at once. No call is ever lost, but a gate
/// that opens a moment later costs the thread a sleep and the other thread a
/// system call to wake it, which a few more looks would have saved both.
///
/// Caught by `a_thread_that_waits_looks_before_it_sleeps`.
pub mod wrong_parks_at_once {
    pub use super::solution::*;
    use super::*;

    pub fn wait(gate: &Gate) {
        while !gate.look() {
            thread::park();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::solution::*;
    use super::*;
    use std::sync::{Arc, mpsc};

    /// A thread that waits at a gate of its own, and says when it is through.
    fn waiting() -> (Arc<Gate>, mpsc::Receiver<()>) {
        waiting_at(Gate::new)
    }

    fn waiting_at(made_by: fn() -> Gate) -> (Arc<Gate>, mpsc::Receiver<()>) {
        let ((made, gate), (through, done)) =
            (mpsc::channel(), mpsc::channel());
        thread::spawn(move || {
            let gate = Arc::new(made_by());
            made.send(Arc::clone(&gate)).unwrap();
            wait(&gate);
            through.send(()).unwrap();
        });
        (gate.recv().unwrap(), done)
    }

    #[track_caller]
    fn ends(done: &mpsc::Receiver<()>) {
        let end = done.recv_timeout(Duration::from_secs(5));
        assert!(
            end.is_ok(),
            "the gate is open, and `wait` does not return: does `open` wake \
             the thread that sleeps, after it has opened the gate?"
        );
    }

    /// Waits until there were so many looks, or it is clear that there will
    /// not be.
    fn looked(gate: &Gate, times: usize, at_most: Duration) -> bool {
        let start = Instant::now();
        while gate.looks() < times {
            if start.elapsed() > at_most {
                return false;
            }
            thread::yield_now();
        }
        true
    }

    #[test]
    fn a_gate_that_is_open_lets_through_at_the_first_look() {
        let gate = Gate::new();
        open(&gate);
        wait(&gate);
        assert_eq!(gate.looks(), 1);
    }

    #[test]
    fn a_thread_that_waits_long_stops_looking() {
        let (gate, done) = waiting();
        looked(&gate, SPINS, Duration::from_secs(5));
        let before = gate.looks();
        // This sleep is what the thread waits through.
        thread::sleep(Duration::from_millis(300));
        let more = gate.looks() - before;
        open(&gate);
        assert!(
            more < 10,
            "after {before} looks it looked {more} more times in 300 ms, and \
             nothing had happened: it does not sleep until it is woken"
        );
        ends(&done);
    }

    #[test]
    fn a_thread_that_waits_looks_before_it_sleeps() {
        let (gate, done) = waiting();
        let spins = looked(&gate, SPINS, Duration::from_secs(5));
        let looks = gate.looks();
        open(&gate);
        assert!(spins, "it went to sleep after {looks} of {SPINS} looks");
        ends(&done);
    }

    #[test]
    fn being_woken_is_not_enough_to_get_through() {
        let (gate, done) = waiting();
        looked(&gate, SPINS, Duration::from_secs(5));
        let start = Instant::now();
        while start.elapsed() < Duration::from_millis(300) {
            gate.waiter.unpark();
            let early = done.recv_timeout(Duration::from_millis(10)).is_ok();
            assert!(!early, "it was woken, and went through a closed gate");
        }
        open(&gate);
        ends(&done);
    }

    #[test]
    fn the_gate_is_open_when_the_thread_is_woken() {
        let heavy = || Gate { heavy: true, ..Gate::new() };
        let (gate, done) = waiting_at(heavy);
        looked(&gate, SPINS, Duration::from_secs(5));
        open(&gate);
        ends(&done);
    }

    #[test]
    fn whenever_it_is_opened_the_thread_gets_through() {
        for turn in 0..500 {
            let (gate, done) = waiting();
            looked(&gate, turn % (SPINS + 1), Duration::from_millis(5));
            open(&gate);
            ends(&done);
        }
    }
}
