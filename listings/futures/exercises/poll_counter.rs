//! # How often is it asked?
//!
//! 20 minutes
//!
//! You suspect that a future is polled far more often than it has to be, or
//! never again. Write `counted`, which puts any future into another one. The
//! new future is polled in its place, and is ready when the old one is, with
//! its output and the number of times that it was polled, the last time
//! included. The starter awaits the old future, and cannot see its polls.
//!
//! Calling `counted` polls nothing. Each poll of the new future is one poll of
//! the old one, which gets the waker of that poll.
//!
//! The tests poll by hand, and give up after five seconds.
//!
//! Hint: `std::pin::pin!` and `std::future::poll_fn` are enough, in an `async
//! fn`.

/// What a future gave, and how often it was polled for it.
#[derive(Debug, PartialEq, Eq)]
pub struct Counted<T> {
    pub output: T,
    pub polls: u64,
}

pub mod starter {
    use super::*;

    /// The output of the future, and how often it was polled.
    pub async fn counted<F: Future>(future: F) -> Counted<F::Output> {
        Counted { output: future.await, polls: 1 }
    }
}

pub mod solution {
    use super::*;
    use std::future::poll_fn;
    use std::pin::pin;

    /// The output of the future, and how often it was polled.
    pub async fn counted<F: Future>(future: F) -> Counted<F::Output> {
        let mut future = pin!(future);
        let mut polls = 0;
        // The closure runs at each poll, with the context of that poll.
        let output = poll_fn(|context| {
            polls += 1;
            future.as_mut().poll(context)
        })
        .await;
        Counted { output, polls }
    }
}

/// Polls the old future again and again until it is ready. That is an executor
/// inside of a poll: while it spins, the thread cannot poll any other task, and
/// if one of those had to make this future ready, it never returns.
///
/// Caught by `each_poll_is_counted_the_last_one_too`.
pub mod wrong_polls_until_ready {
    use super::*;
    use std::future::poll_fn;
    use std::pin::pin;
    use std::task::Poll;

    /// The output of the future, and how often it was polled.
    pub async fn counted<F: Future>(future: F) -> Counted<F::Output> {
        let mut future = pin!(future);
        let mut polls = 0;
        let output = poll_fn(|context| {
            loop {
                polls += 1;
                if let Poll::Ready(output) = future.as_mut().poll(context) {
                    return Poll::Ready(output);
                }
            }
        })
        .await;
        Counted { output, polls }
    }
}

/// Counts where it returns `Pending`, and the last poll returns `Ready`. A
/// future that is ready at once looks as if it had never been polled, and every
/// other one as if it had been polled once less than it was.
///
/// Caught by `each_poll_is_counted_the_last_one_too`.
pub mod wrong_without_the_last {
    use super::*;
    use std::future::poll_fn;
    use std::pin::pin;
    use std::task::Poll;

    /// The output of the future, and how often it was polled.
    pub async fn counted<F: Future>(future: F) -> Counted<F::Output> {
        let mut future = pin!(future);
        let mut polls = 0;
        let output = poll_fn(|context| match future.as_mut().poll(context) {
            Poll::Ready(output) => Poll::Ready(output),
            Poll::Pending => {
                polls += 1;
                Poll::Pending
            }
        })
        .await;
        Counted { output, polls }
    }
}

/// Polls the old future with a context of its own, whose waker does nothing.
/// The future calls that waker when it can go on, so the executor never hears
/// of it: the task you wanted to observe now waits forever.
///
/// Caught by `the_future_inside_gets_the_waker_of_each_poll`.
pub mod wrong_a_waker_that_does_nothing {
    use super::*;
    use std::future::poll_fn;
    use std::pin::pin;
    use std::task::{Context, Waker};

    /// The output of the future, and how often it was polled.
    pub async fn counted<F: Future>(future: F) -> Counted<F::Output> {
        let mut future = pin!(future);
        let mut polls = 0;
        let output = poll_fn(|_| {
            polls += 1;
            let mut context = Context::from_waker(Waker::noop());
            future.as_mut().poll(&mut context)
        })
        .await;
        Counted { output, polls }
    }
}

#[cfg(test)]
mod tests {
    use super::solution::*;
    use super::*;
    use std::future::{pending, poll_fn};
    use std::pin::pin;
    use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
    use std::sync::{Arc, mpsc};
    use std::task::{Context, Poll, Wake, Waker};
    use std::thread;
    use std::time::Duration;

    fn within_five_seconds<T: Send + 'static>(
        trial: impl FnOnce() -> T + Send + 'static,
    ) -> T {
        let (done, result) = mpsc::channel();
        let trial = thread::spawn(move || done.send(trial()));
        match result.recv_timeout(Duration::from_secs(5)) {
            Ok(result) => result,
            Err(mpsc::RecvTimeoutError::Timeout) => {
                panic!("a poll has not come back after five seconds")
            }
            Err(_) => match trial.join() {
                Err(panic) => std::panic::resume_unwind(panic),
                Ok(_) => unreachable!("it sent before it ended"),
            },
        }
    }

    /// Pending so many times, then ready with `answer`; notes its polls.
    async fn later(times: u64, polls: Arc<AtomicU64>) -> &'static str {
        poll_fn(move |_| match polls.fetch_add(1, SeqCst) < times {
            true => Poll::Pending,
            false => Poll::Ready("answer"),
        })
        .await
    }

    #[test]
    fn each_poll_is_counted_the_last_one_too() {
        within_five_seconds(|| {
            for times in [0, 1, 5] {
                let polls = Arc::new(AtomicU64::new(0));
                let mut future = pin!(counted(later(times, polls.clone())));
                let mut context = Context::from_waker(Waker::noop());
                for poll in 1..=times {
                    assert!(
                        future.as_mut().poll(&mut context).is_pending(),
                        "the future inside is pending {times} times, and yet \
                         the new one is ready at poll {poll}"
                    );
                    assert_eq!(
                        polls.load(SeqCst),
                        poll,
                        "polls of the future inside after {poll} from outside"
                    );
                }
                let last = future.as_mut().poll(&mut context);
                let all = Counted { output: "answer", polls: times + 1 };
                assert_eq!(
                    last,
                    Poll::Ready(all),
                    "pending {times} times, and then ready: one poll more"
                );
            }
        });
    }

    #[test]
    fn calling_it_polls_nothing() {
        let polls = Arc::new(AtomicU64::new(0));
        drop(counted(later(0, polls.clone())));
        assert_eq!(
            polls.load(SeqCst),
            0,
            "polls before the first poll from outside"
        );
    }

    struct Bell(AtomicU64);

    impl Wake for Bell {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, SeqCst);
        }
    }

    #[test]
    fn the_future_inside_gets_the_waker_of_each_poll() {
        within_five_seconds(|| {
            let mut future = pin!(counted(poll_fn(|context| {
                context.waker().wake_by_ref();
                Poll::<()>::Pending
            })));
            for _ in 0..2 {
                let bell = Arc::new(Bell(AtomicU64::new(0)));
                let waker = Waker::from(bell.clone());
                let mut context = Context::from_waker(&waker);
                assert!(future.as_mut().poll(&mut context).is_pending());
                let rung = bell.0.load(SeqCst);
                assert_eq!(
                    rung, 1,
                    "how often the waker of this poll was called; the future \
                     inside calls its waker once"
                );
            }
        });
    }

    #[test]
    fn what_is_never_ready_stays_pending() {
        within_five_seconds(|| {
            let mut future = pin!(counted(pending::<()>()));
            let mut context = Context::from_waker(Waker::noop());
            for _ in 0..3 {
                assert!(future.as_mut().poll(&mut context).is_pending());
            }
        });
    }
}
