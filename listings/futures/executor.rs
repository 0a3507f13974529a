// An executor for many tasks: a queue of those that have something to do.
//
// Checked by shuttle, which includes this file and draws orders of its steps.
//
// Runs on the Playground.

use std::pin::Pin;
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};

// ANCHOR: executor
type Work = Pin<Box<dyn Future<Output = ()> + Send>>;

/// A future, and the queue to which it comes when it is woken.
struct Task {
    work: Mutex<Option<Work>>,
    queue: Sender<Arc<Task>>,
}

impl Wake for Task {
    fn wake(self: Arc<Self>) {
        let queue = self.queue.clone();
        // If the executor is gone, so is what the task waits for.
        let _ = queue.send(self);
    }
}

pub struct Executor {
    woken: Receiver<Arc<Task>>,
    queue: Sender<Arc<Task>>,
}

impl Executor {
    pub fn new() -> Executor {
        let (queue, woken) = mpsc::channel();
        Executor { woken, queue }
    }

    pub fn spawn(&self, work: impl Future<Output = ()> + Send + 'static) {
        let work = Mutex::new(Some(Box::pin(work) as Work));
        Arc::new(Task { work, queue: self.queue.clone() }).wake();
    }

    /// The event loop: polls whichever task comes out of the queue.
    pub fn run(self) {
        drop(self.queue); // the tasks that are left have the other senders
        for task in self.woken {
            let waker = Waker::from(Arc::clone(&task));
            let mut context = Context::from_waker(&waker);
            let mut work = task.work.lock().expect(CALM);
            if let Some(future) = &mut *work
                && future.as_mut().poll(&mut context).is_ready()
            {
                *work = None; // it is not polled again
            }
        }
    }
}
// ANCHOR_END: executor

impl Default for Executor {
    fn default() -> Executor {
        Executor::new()
    }
}

const CALM: &str = "a task that panics ends the program";

// ANCHOR: yield_now
/// Gives the turn back once.
#[derive(Default)]
pub struct YieldNow(bool);

impl Future for YieldNow {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context) -> Poll<()> {
        if self.0 {
            return Poll::Ready(());
        }
        self.0 = true;
        context.waker().wake_by_ref();
        Poll::Pending
    }
}
// ANCHOR_END: yield_now

// ANCHOR: main
async fn count(name: &'static str) {
    for number in 1..=3 {
        println!("{name} {number}");
        YieldNow::default().await;
    }
}

pub fn main() {
    let executor = Executor::new();
    executor.spawn(count("ping"));
    executor.spawn(count("pong"));
    executor.run();
}
// ANCHOR_END: main

#[cfg(test)]
mod tests {
    use super::*;
    use std::future;
    use std::thread;

    /// Who had a turn, in that order.
    fn turns(names: &[&'static str], turns: usize) -> Vec<&'static str> {
        let (executor, (note, noted)) = (Executor::new(), mpsc::channel());
        for &name in names {
            let note = note.clone();
            executor.spawn(async move {
                for _ in 0..turns {
                    note.send(name).expect("the test listens");
                    YieldNow::default().await;
                }
            });
        }
        drop(note);
        executor.run();
        noted.into_iter().collect()
    }

    #[test]
    fn tasks_that_yield_take_turns() {
        assert_eq!(turns(&["a", "b"], 2), ["a", "b", "a", "b"]);
    }

    #[test]
    fn a_task_that_nothing_can_wake_does_not_keep_the_loop_running() {
        let executor = Executor::new();
        executor.spawn(future::pending());
        executor.run();
    }

    #[test]
    fn a_task_can_be_woken_from_another_thread() {
        let executor = Executor::new();
        let (done, result) = mpsc::channel();
        executor.spawn(async move {
            let mut asked = false;
            future::poll_fn(|context| {
                if std::mem::replace(&mut asked, true) {
                    return Poll::Ready(());
                }
                let waker = context.waker().clone();
                thread::spawn(move || waker.wake());
                Poll::Pending
            })
            .await;
            done.send(7).expect("the test listens");
        });
        executor.run();
        assert_eq!(result.recv(), Ok(7));
    }
}
