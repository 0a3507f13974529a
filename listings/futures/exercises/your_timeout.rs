//! # No longer than this
//!
//! 30 minutes
//!
//! A time-out is a race of a future against a clock, and a clock is a future
//! too: `sleep` of this chapter. Write `timeout`, which takes both. It is ready
//! with `Ok` and the output as soon as the future is, and with `Err(TooLate)`
//! when the clock is ready and the future is not. The starter does not look at
//! the clock at all.
//!
//! At each poll ask the future first, so that an answer that comes in the last
//! moment counts. If it is ready, leave the clock alone. When `timeout` is
//! ready, neither of the two is polled again.
//!
//! The tests bring clocks of their own, poll by hand, and give up after five
//! seconds.
//!
//! Hint: Nothing polls a future unless you do, and what you poll it with is what
//! it wakes. Both need the context.

/// The clock was first.
#[derive(Debug, PartialEq, Eq)]
pub struct TooLate;

pub mod starter {
    use super::*;

    /// The future's output, if the clock is not ready before it.
    #[allow(unused_variables)]
    pub async fn timeout<C, F>(
        clock: C,
        future: F,
    ) -> Result<F::Output, TooLate>
    where
        C: Future<Output = ()>,
        F: Future,
    {
        Ok(future.await)
    }
}

pub mod solution {
    use super::*;
    use std::future::poll_fn;
    use std::pin::pin;
    use std::task::Poll;

    /// The future's output, if the clock is not ready before it.
    pub async fn timeout<C, F>(
        clock: C,
        future: F,
    ) -> Result<F::Output, TooLate>
    where
        C: Future<Output = ()>,
        F: Future,
    {
        let (mut clock, mut future) = (pin!(clock), pin!(future));
        poll_fn(|context| {
            if let Poll::Ready(output) = future.as_mut().poll(context) {
                return Poll::Ready(Ok(output));
            }
            // Polled with the same context: whichever is ready next wakes the
            // task, which then asks both.
            clock.as_mut().poll(context).map(|()| Err(TooLate))
        })
        .await
    }
}

/// Asks the clock first. An answer that is there when the time is up is thrown
/// away, and after a busy moment in which the task was not polled, both are
/// ready at the next poll: you report a time-out although you have the answer.
///
/// Caught by `an_answer_in_the_last_moment_counts`.
pub mod wrong_clock_asked_first {
    use super::*;
    use std::future::poll_fn;
    use std::pin::pin;
    use std::task::Poll;

    /// The future's output, if the clock is not ready before it.
    pub async fn timeout<C, F>(
        clock: C,
        future: F,
    ) -> Result<F::Output, TooLate>
    where
        C: Future<Output = ()>,
        F: Future,
    {
        let (mut clock, mut future) = (pin!(clock), pin!(future));
        poll_fn(|context| {
            if clock.as_mut().poll(context).is_ready() {
                return Poll::Ready(Err(TooLate));
            }
            future.as_mut().poll(context).map(Ok)
        })
        .await
    }
}

/// Polls both, and then decides. The future comes first, and yet the clock is
/// polled once more when the answer is already there, so it asks its timer for
/// a wake-up that is for nothing.
///
/// Caught by `a_future_that_is_first_gives_its_output`.
pub mod wrong_both_asked_before_deciding {
    use super::*;
    use std::future::poll_fn;
    use std::pin::pin;
    use std::task::Poll;

    /// The future's output, if the clock is not ready before it.
    pub async fn timeout<C, F>(
        clock: C,
        future: F,
    ) -> Result<F::Output, TooLate>
    where
        C: Future<Output = ()>,
        F: Future,
    {
        let (mut clock, mut future) = (pin!(clock), pin!(future));
        poll_fn(|context| {
            let answer = future.as_mut().poll(context);
            let time_is_up = clock.as_mut().poll(context);
            match (answer, time_is_up) {
                (Poll::Ready(output), _) => Poll::Ready(Ok(output)),
                (_, Poll::Ready(())) => Poll::Ready(Err(TooLate)),
                _ => Poll::Pending,
            }
        })
        .await
    }
}

/// Looks at the clock at each poll with a waker that does nothing, as you look
/// at a clock on the wall. A future that is stuck wakes no task, and this clock
/// cannot, so there is no poll in which you could look: the one case that the
/// time-out is for waits forever.
///
/// Caught by `the_clock_can_wake_the_task`.
pub mod wrong_clock_without_a_waker {
    use super::*;
    use std::future::poll_fn;
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};

    /// The future's output, if the clock is not ready before it.
    pub async fn timeout<C, F>(
        clock: C,
        future: F,
    ) -> Result<F::Output, TooLate>
    where
        C: Future<Output = ()>,
        F: Future,
    {
        let (mut clock, mut future) = (pin!(clock), pin!(future));
        poll_fn(|context| {
            if let Poll::Ready(output) = future.as_mut().poll(context) {
                return Poll::Ready(Ok(output));
            }
            let mut look = Context::from_waker(Waker::noop());
            clock.as_mut().poll(&mut look).map(|()| Err(TooLate))
        })
        .await
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

    /// Pending so many times, then ready once; wakes at each poll.
    fn later<T: Copy>(
        times: u64,
        output: T,
        polls: Arc<AtomicU64>,
    ) -> impl Future<Output = T> {
        poll_fn(move |context| {
            let poll = polls.fetch_add(1, SeqCst);
            assert!(poll <= times, "what was ready is polled again");
            context.waker().wake_by_ref();
            match poll < times {
                true => Poll::Pending,
                false => Poll::Ready(output),
            }
        })
    }

    /// Polls it to its end. Returns the output, and the polls of the clock and
    /// of the future.
    fn race(clock: u64, future: u64) -> (Result<char, TooLate>, u64, u64) {
        let polls = [(); 2].map(|()| Arc::new(AtomicU64::new(0)));
        let clock = later(clock, (), polls[0].clone());
        let future = later(future, 'x', polls[1].clone());
        let mut race = pin!(timeout(clock, future));
        let mut context = Context::from_waker(Waker::noop());
        for _ in 0..100 {
            if let Poll::Ready(output) = race.as_mut().poll(&mut context) {
                let [clock, future] = polls.map(|polls| polls.load(SeqCst));
                return (output, clock, future);
            }
        }
        panic!("still pending after a hundred polls");
    }

    #[test]
    fn a_future_that_is_first_gives_its_output() {
        within_five_seconds(|| {
            assert_eq!(
                race(5, 0),
                (Ok('x'), 0, 1),
                "output, polls of the clock, polls of the future"
            );
            assert_eq!(
                race(5, 3),
                (Ok('x'), 3, 4),
                "output, polls of the clock, polls of the future"
            );
        });
    }

    #[test]
    fn a_clock_that_is_first_ends_it() {
        within_five_seconds(|| {
            assert_eq!(
                race(0, 5),
                (Err(TooLate), 1, 1),
                "output, polls of the clock, polls of the future"
            );
            assert_eq!(
                race(3, 5),
                (Err(TooLate), 4, 4),
                "output, polls of the clock, polls of the future"
            );
        });
    }

    #[test]
    fn an_answer_in_the_last_moment_counts() {
        within_five_seconds(|| {
            assert_eq!(
                race(3, 3).0,
                Ok('x'),
                "both are ready at the same poll"
            );
        });
    }

    struct Bell(AtomicU64);

    impl Wake for Bell {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, SeqCst);
        }
    }

    #[test]
    fn the_clock_can_wake_the_task() {
        within_five_seconds(|| {
            let bell = Arc::new(Bell(AtomicU64::new(0)));
            let waker = Waker::from(bell.clone());
            let clock = later(1, (), Arc::new(AtomicU64::new(0)));
            let mut race = pin!(timeout(clock, pending::<()>()));
            let mut context = Context::from_waker(&waker);
            assert!(race.as_mut().poll(&mut context).is_pending());
            assert_eq!(bell.0.load(SeqCst), 1, "the clock could not wake it");
        });
    }
}
