//! The queue of jobs: one run or measurement at a time, and a few that wait.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use anyhow::Result;
use book::project::Project;

use crate::measure::Permit;
use crate::supervise::Stop;

/// How many wait behind the one that runs.
const LONGEST_QUEUE: usize = 4;
/// For what runs to stop, when the server ends.
const ENDING: Duration = Duration::from_secs(5);

#[derive(Default)]
pub(super) struct Queue {
    state: Mutex<State>,
    /// A job has left, or was stopped.
    changed: Condvar,
}

#[derive(Default)]
struct State {
    next: u64,
    /// In the order in which they came; the first one runs.
    jobs: VecDeque<(u64, Arc<Stop>)>,
    closed: bool,
}

impl State {
    fn jobs_ahead(&self, job: u64) -> usize {
        self.jobs.iter().take_while(|(number, _)| *number != job).count()
    }
}

/// A job in the queue; it leaves it when this is dropped.
pub(super) struct QueuedJob {
    queue: Arc<Queue>,
    number: u64,
    pub stop: Arc<Stop>,
}

/// Stops a job, also one that waits in the queue.
pub(super) struct Stopper {
    queue: Arc<Queue>,
    stop: Arc<Stop>,
}

impl Stopper {
    pub(super) fn stop(&self) {
        // Not between a job's look at this and its sleep.
        let state = self.queue.state();
        self.stop.ask();
        drop(state);
        self.queue.changed.notify_all();
    }
}

impl Queue {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// At the end of the queue, unless that is full.
    pub(super) fn enter(self: &Arc<Queue>) -> Option<QueuedJob> {
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
    pub(super) fn close(&self) {
        let mut state = self.state();
        state.closed = true;
        state.jobs.iter().for_each(|(_, stop)| stop.ask());
        self.changed.notify_all();
        // After the time-out they end with their pipes, which close with this process.
        drop(self.changed.wait_timeout_while(state, ENDING, |state| !state.jobs.is_empty()));
    }
}

impl QueuedJob {
    pub(super) fn stopper(&self) -> Stopper {
        Stopper { queue: self.queue.clone(), stop: self.stop.clone() }
    }

    /// Waits until nothing else runs or measures in this project, here or in another process.
    /// `waiting` is told how many come before.
    ///
    /// # Errors
    /// `Stopped` where it was, or as [`Permit::acquire`].
    pub(super) fn wait_for_permit(
        &self,
        project: &Project,
        waiting: impl Fn(usize),
    ) -> Result<Permit> {
        let mut told = 0;
        self.wait_for_turn(|ahead| {
            told = ahead;
            waiting(ahead);
        });
        // First here is second to whoever holds the permit.
        Permit::acquire_telling(project, self.stop.flag(), || {
            if told != 1 {
                waiting(1);
            }
        })
    }

    /// Waits until this job is the first, or was stopped.
    fn wait_for_turn(&self, mut waiting: impl FnMut(usize)) {
        loop {
            let ahead = self.jobs_ahead();
            if ahead == 0 || self.stop.asked() {
                return;
            }
            waiting(ahead);
            let as_before =
                |state: &mut State| !self.stop.asked() && state.jobs_ahead(self.number) == ahead;
            drop(self.queue.changed.wait_while(self.queue.state(), as_before));
        }
    }

    fn jobs_ahead(&self) -> usize {
        self.queue.state().jobs_ahead(self.number)
    }
}

impl Drop for QueuedJob {
    fn drop(&mut self) {
        self.queue.state().jobs.retain(|(number, _)| *number != self.number);
        self.queue.changed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;
    use std::thread;

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

    /// How many came before it, as it was told, while it waited for its turn.
    fn waits(job: QueuedJob) -> (thread::JoinHandle<QueuedJob>, mpsc::Receiver<usize>) {
        let (send, told) = mpsc::channel();
        let thread = thread::spawn(move || {
            job.wait_for_turn(|ahead| send.send(ahead).unwrap());
            job
        });
        (thread, told)
    }

    #[test]
    fn a_job_has_its_turn_when_those_before_it_have_left() {
        let queue = Arc::new(Queue::default());
        let [first, second, third] = [(); 3].map(|()| queue.enter().unwrap());
        let (thread, told) = waits(third);
        assert_eq!(told.recv(), Ok(2));
        drop(second);
        assert_eq!(told.recv(), Ok(1));
        drop(first);
        assert!(!thread.join().unwrap().stop.asked());
        assert!(told.recv().is_err());
    }

    #[test]
    fn a_job_that_waits_for_its_turn_is_stopped() {
        let queue = Arc::new(Queue::default());
        let [first, second, third] = [(); 3].map(|()| queue.enter().unwrap());
        let stopper = second.stopper();
        let [(second, before_second), (third, before_third)] = [second, third].map(waits);
        assert_eq!((before_second.recv(), before_third.recv()), (Ok(1), Ok(2)));
        stopper.stop();
        drop(second.join().unwrap());
        assert_eq!(before_third.recv(), Ok(1), "the one behind it goes on waiting");
        thread::scope(|scope| {
            scope.spawn(|| queue.close());
            assert!(third.join().unwrap().stop.asked());
            drop(first);
        });
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
