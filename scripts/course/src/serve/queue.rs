//! The queue of jobs: one run or measurement at a time, and a few that wait.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use anyhow::Result;
use book::project::Project;

use crate::measure::Permit;
use crate::supervise::Stop;

/// How many wait behind the one that runs.
const LONGEST_QUEUE: usize = 4;
/// How often a job that waits asks whether it may run, and whether it was stopped.
const POLLING: Duration = Duration::from_millis(20);
/// For what runs to stop, when the server ends.
const ENDING: Duration = Duration::from_secs(5);

#[derive(Default)]
pub struct Queue {
    state: Mutex<State>,
    job_ended: Condvar,
}

#[derive(Default)]
struct State {
    next: u64,
    /// In the order in which they came; the first one runs.
    jobs: VecDeque<(u64, Arc<Stop>)>,
    closed: bool,
}

/// A job in the queue; it leaves it when this is dropped.
pub struct QueuedJob {
    queue: Arc<Queue>,
    number: u64,
    pub stop: Arc<Stop>,
}

impl Queue {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// At the end of the queue, unless that is full.
    pub fn enter(self: &Arc<Queue>) -> Option<QueuedJob> {
        let mut state = self.state();
        if state.closed || state.jobs.len() > LONGEST_QUEUE {
            return None;
        }
        let (number, stop) = (state.next, Arc::new(Stop::default()));
        state.next += 1;
        state.jobs.push_back((number, stop.clone()));
        Some(QueuedJob { queue: self.clone(), number, stop })
    }

    /// Takes no job any more, stops all and waits for them.
    pub fn close(&self) {
        let mut state = self.state();
        state.closed = true;
        state.jobs.iter().for_each(|(_, stop)| stop.ask());
        // After the time-out they end with their pipes, which close with this process.
        drop(self.job_ended.wait_timeout_while(state, ENDING, |state| !state.jobs.is_empty()));
    }
}

impl QueuedJob {
    /// Waits until nothing else runs or measures in this project, here or in another process.
    /// `waiting` is told how many come before. `None` when it was stopped.
    pub fn wait_for_permit(
        &self,
        project: &Project,
        waiting: impl Fn(usize),
    ) -> Result<Option<Permit>> {
        let mut told = 0;
        loop {
            if self.stop.asked() {
                return Ok(None);
            }
            let ahead = self.jobs_ahead();
            if ahead == 0
                && let Some(permit) = Permit::try_acquire(project)?
            {
                return Ok(Some(permit));
            }
            // First here is second to whoever holds the permit.
            if ahead.max(1) != told {
                told = ahead.max(1);
                waiting(told);
            }
            thread::park_timeout(POLLING);
        }
    }

    fn jobs_ahead(&self) -> usize {
        let state = self.queue.state();
        state.jobs.iter().take_while(|(number, _)| *number != self.number).count()
    }
}

impl Drop for QueuedJob {
    fn drop(&mut self) {
        self.queue.state().jobs.retain(|(number, _)| *number != self.number);
        self.queue.job_ended.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_queue_is_short_and_a_job_that_left_makes_room() {
        let queue = Arc::new(Queue::default());
        let mut jobs: Vec<QueuedJob> = (0..5).map(|_| queue.enter().unwrap()).collect();
        assert!(queue.enter().is_none());
        assert_eq!(jobs.iter().map(QueuedJob::jobs_ahead).collect::<Vec<_>>(), [0, 1, 2, 3, 4]);
        drop(jobs.remove(1));
        assert_eq!(jobs[1].jobs_ahead(), 1);
        assert!(queue.enter().is_some());
    }

    #[test]
    fn no_job_enters_a_queue_that_was_closed_and_all_in_it_are_asked_to_stop() {
        let queue = Arc::new(Queue::default());
        let queued = queue.enter().unwrap();
        let stop = queued.stop.clone();
        let job = thread::spawn(move || {
            while !queued.stop.asked() {
                thread::yield_now();
            }
        });
        queue.close();
        assert!(stop.asked() && queue.enter().is_none());
        job.join().unwrap();
    }
}
