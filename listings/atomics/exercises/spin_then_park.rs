//! # Spin, then park
//!
//! 20 minutes
//!
//! A thread waits at a gate until another opens it. If that happens soon, to
//! look again is the fastest way to find out. If it takes long, looking burns a
//! core. The starter looks forever.
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

/// How often `wait` looks before it sleeps.
pub const SPINS: usize = 100;

pub struct Gate {
    is_open: AtomicBool,
    looks: AtomicUsize,
    /// The thread that waits, to be woken.
    pub waiter: Thread,
}

impl Gate {
    /// The thread that makes the gate is the one that waits at it.
    pub fn new() -> Gate {
        Gate {
            is_open: AtomicBool::new(false),
            looks: AtomicUsize::new(0),
            waiter: thread::current(),
        }
    }

    /// Whether it is open. If so, all that came before `set_open` is seen.
    pub fn look(&self) -> bool {
        self.looks.fetch_add(1, Relaxed);
        self.is_open.load(Acquire)
    }

    pub fn set_open(&self) {
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

#[cfg(test)]
mod tests {
    use super::solution::*;
    use super::*;
    use std::sync::{Arc, mpsc};
    use std::time::{Duration, Instant};

    /// A thread that waits at a gate of its own, and says when it is through.
    fn waiting() -> (Arc<Gate>, mpsc::Receiver<()>) {
        let ((made, gate), (through, done)) =
            (mpsc::channel(), mpsc::channel());
        thread::spawn(move || {
            let gate = Arc::new(Gate::new());
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
        let burns = looked(&gate, 100 * SPINS, Duration::from_millis(200));
        open(&gate);
        assert!(!burns, "it looked {} times, and goes on", gate.looks());
        ends(&done);
    }

    #[test]
    fn a_thread_that_waits_looks_before_it_sleeps() {
        let (gate, done) = waiting();
        let spins = looked(&gate, SPINS, Duration::from_secs(5));
        let looks = gate.looks();
        open(&gate);
        assert!(spins, "it looked {looks} times before it slept");
        ends(&done);
    }

    #[test]
    fn being_woken_is_not_enough_to_get_through() {
        let (gate, done) = waiting();
        for more in 1..=3 {
            looked(&gate, SPINS + more - 1, Duration::from_secs(1));
            gate.waiter.unpark();
        }
        let early = done.recv_timeout(Duration::from_millis(50)).is_ok();
        assert!(!early, "it was woken, and went through a closed gate");
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
