//! Who is next: one run or measurement at a time, and a few that wait.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use anyhow::Result;

use crate::measure::Turn;
use crate::project::Project;
use crate::supervise::Stop;

/// How many wait behind the one that runs.
const LONGEST_QUEUE: usize = 4;
/// How often one that waits asks whether it is its turn, and whether anybody still wants it.
const ASKING: Duration = Duration::from_millis(20);
/// For what runs to stop, when the server ends.
const ENDING: Duration = Duration::from_secs(5);

#[derive(Default)]
pub struct Queue {
    line: Mutex<Line>,
    left: Condvar,
}

#[derive(Default)]
struct Line {
    next: u64,
    /// In the order in which they came; the first one runs.
    tickets: VecDeque<(u64, Arc<Stop>)>,
    closed: bool,
}

/// A place in the queue, given back when it is dropped.
pub struct Ticket {
    queue: Arc<Queue>,
    number: u64,
    pub stop: Arc<Stop>,
}

impl Queue {
    fn line(&self) -> MutexGuard<'_, Line> {
        self.line.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The last place, unless the queue is full.
    pub fn enter(self: &Arc<Queue>) -> Option<Ticket> {
        let mut line = self.line();
        if line.closed || line.tickets.len() > LONGEST_QUEUE {
            return None;
        }
        let (number, stop) = (line.next, Arc::new(Stop::default()));
        line.next += 1;
        line.tickets.push_back((number, stop.clone()));
        Some(Ticket { queue: self.clone(), number, stop })
    }

    /// Lets nobody in any more, stops all and waits for them.
    pub fn end(&self) {
        let mut line = self.line();
        line.closed = true;
        line.tickets.iter().for_each(|(_, stop)| stop.ask());
        // After the time-out they end with their pipes, which close with this process.
        drop(self.left.wait_timeout_while(line, ENDING, |line| !line.tickets.is_empty()));
    }
}

impl Ticket {
    /// Waits until nobody else runs or measures in this project, here or in another process.
    /// `waiting` is told how many come before. `None` when it was stopped.
    pub fn turn(&self, project: &Project, waiting: impl Fn(usize)) -> Result<Option<Turn>> {
        let mut told = 0;
        loop {
            if self.stop.asked() {
                return Ok(None);
            }
            let before = self.before();
            if before == 0
                && let Some(turn) = Turn::try_take(project)?
            {
                return Ok(Some(turn));
            }
            // First here is second to whoever has the turn.
            if before.max(1) != told {
                told = before.max(1);
                waiting(told);
            }
            thread::park_timeout(ASKING);
        }
    }

    fn before(&self) -> usize {
        let line = self.queue.line();
        line.tickets.iter().take_while(|(number, _)| *number != self.number).count()
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        self.queue.line().tickets.retain(|(number, _)| *number != self.number);
        self.queue.left.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_queue_is_short_and_a_place_that_is_left_is_free_again() {
        let queue = Arc::new(Queue::default());
        let mut tickets: Vec<Ticket> = (0..5).map(|_| queue.enter().unwrap()).collect();
        assert!(queue.enter().is_none());
        assert_eq!(tickets.iter().map(Ticket::before).collect::<Vec<_>>(), [0, 1, 2, 3, 4]);
        drop(tickets.remove(1));
        assert_eq!(tickets[1].before(), 1);
        assert!(queue.enter().is_some());
    }

    #[test]
    fn nobody_enters_a_queue_that_ended_and_all_in_it_are_asked_to_stop() {
        let queue = Arc::new(Queue::default());
        let ticket = queue.enter().unwrap();
        let stop = ticket.stop.clone();
        let job = thread::spawn(move || {
            while !ticket.stop.asked() {
                thread::yield_now();
            }
        });
        queue.end();
        assert!(stop.asked() && queue.enter().is_none());
        job.join().unwrap();
    }
}
