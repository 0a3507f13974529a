//! Asks what runs to stop, from another thread.

use std::process::ChildStdin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Ends a run, a measurement or a try from outside.
#[derive(Default)]
pub(crate) struct Stop {
    asked: AtomicBool,
    /// While it is open, the supervisor lets its program run.
    pipe: Mutex<Option<ChildStdin>>,
}

impl Stop {
    pub(crate) fn ask(&self) {
        self.asked.store(true, Ordering::Relaxed);
        drop(self.pipe().take());
    }

    pub(crate) fn asked(&self) -> bool {
        self.asked.load(Ordering::Relaxed)
    }

    /// For what asks by itself whether it is to stop.
    pub(crate) fn flag(&self) -> &AtomicBool {
        &self.asked
    }

    /// Closes this pipe when it is time to stop, which may be now.
    pub(crate) fn holds(&self, pipe: Option<ChildStdin>) {
        let mut held = self.pipe();
        *held = pipe.filter(|_| !self.asked());
    }

    fn pipe(&self) -> MutexGuard<'_, Option<ChildStdin>> {
        self.pipe.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
