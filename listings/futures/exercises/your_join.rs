//! # Both at once
//!
//! 30 minutes
//!
//! Two futures, one task. The starter awaits the second when the first is done,
//! so their waits add up. Write `join`: at each poll it polls both, and when
//! both are ready it is ready with their outputs, in the order of its
//! arguments. A future that has been ready must not be polled again (those of
//! the tests panic if you do), so its output has to be kept until the other one
//! is there.
//!
//! If both become ready in one poll, so is `join`, in that poll. The tests poll
//! by hand, and give up after five seconds.
//!
//! Hint: An `Option` for each output says which of them is still to be polled.

/// What two futures gave.
pub type Both<A, B> = (<A as Future>::Output, <B as Future>::Output);

pub mod starter {
    use super::*;

    /// Both outputs, when both are there.
    pub async fn join<A: Future, B: Future>(a: A, b: B) -> Both<A, B> {
        (a.await, b.await)
    }
}

pub mod solution {
    use super::*;
    use std::future::poll_fn;
    use std::pin::{Pin, pin};
    use std::task::{Context, Poll};

    /// Both outputs, when both are there.
    pub async fn join<A: Future, B: Future>(a: A, b: B) -> Both<A, B> {
        let (mut a, mut b) = (pin!(a), pin!(b));
        let (mut from_a, mut from_b) = (None, None);
        poll_fn(|context| {
            go_on(a.as_mut(), &mut from_a, context);
            go_on(b.as_mut(), &mut from_b, context);
            // Taken only when both are there: `?` has no place here.
            match (from_a.take(), from_b.take()) {
                (Some(a), Some(b)) => Poll::Ready((a, b)),
                (a, b) => {
                    (from_a, from_b) = (a, b);
                    Poll::Pending
                }
            }
        })
        .await
    }

    fn go_on<F: Future>(
        future: Pin<&mut F>,
        output: &mut Option<F::Output>,
        context: &mut Context,
    ) {
        if output.is_none()
            && let Poll::Ready(ready) = future.poll(context)
        {
            *output = Some(ready);
        }
    }
}

/// Polls both at each poll and is ready when both answer `Ready` in the same
/// one. The future that was ready first is polled again although it is done,
/// and an `async fn` panics then; its first output is lost in any case.
///
/// Caught by `both_are_polled_at_each_poll_until_they_are_ready`.
pub mod wrong_polls_what_was_ready {
    use super::*;
    use std::future::poll_fn;
    use std::pin::pin;
    use std::task::Poll;

    /// Both outputs, when both are there.
    pub async fn join<A: Future, B: Future>(a: A, b: B) -> Both<A, B> {
        let (mut a, mut b) = (pin!(a), pin!(b));
        poll_fn(|context| {
            let from_a = a.as_mut().poll(context);
            let from_b = b.as_mut().poll(context);
            match (from_a, from_b) {
                (Poll::Ready(a), Poll::Ready(b)) => Poll::Ready((a, b)),
                _ => Poll::Pending,
            }
        })
        .await
    }
}

/// Takes both outputs out of their places to look whether both are there. If
/// only one is, it is dropped with the pattern that did not match, its place is
/// empty again, and at the next poll you ask a future that is done.
///
/// Caught by `both_are_polled_at_each_poll_until_they_are_ready`.
pub mod wrong_output_taken_to_look {
    use super::*;
    use std::future::poll_fn;
    use std::pin::pin;
    use std::task::Poll;

    /// Both outputs, when both are there.
    pub async fn join<A: Future, B: Future>(a: A, b: B) -> Both<A, B> {
        let (mut a, mut b) = (pin!(a), pin!(b));
        let (mut from_a, mut from_b) = (None, None);
        poll_fn(|context| {
            if from_a.is_none()
                && let Poll::Ready(output) = a.as_mut().poll(context)
            {
                from_a = Some(output);
            }
            if from_b.is_none()
                && let Poll::Ready(output) = b.as_mut().poll(context)
            {
                from_b = Some(output);
            }
            match (from_a.take(), from_b.take()) {
                (Some(a), Some(b)) => Poll::Ready((a, b)),
                _ => Poll::Pending,
            }
        })
        .await
    }
}

/// Looks first whether both outputs are there, and then polls what is left. So
/// it finds out one poll too late, and that poll never comes: both futures are
/// done, and neither of them wakes the task once more.
///
/// Caught by `both_are_polled_at_each_poll_until_they_are_ready`.
pub mod wrong_ready_one_poll_late {
    use super::*;
    use std::future::poll_fn;
    use std::pin::pin;
    use std::task::Poll;

    /// Both outputs, when both are there.
    pub async fn join<A: Future, B: Future>(a: A, b: B) -> Both<A, B> {
        let (mut a, mut b) = (pin!(a), pin!(b));
        let (mut from_a, mut from_b) = (None, None);
        poll_fn(|context| {
            if from_a.is_some()
                && from_b.is_some()
                && let (Some(a), Some(b)) = (from_a.take(), from_b.take())
            {
                return Poll::Ready((a, b));
            }
            if from_a.is_none()
                && let Poll::Ready(output) = a.as_mut().poll(context)
            {
                from_a = Some(output);
            }
            if from_b.is_none()
                && let Poll::Ready(output) = b.as_mut().poll(context)
            {
                from_b = Some(output);
            }
            Poll::Pending
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    use super::solution::*;
    use super::*;
    use std::future::{Ready, poll_fn};
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
            assert!(
                poll <= times,
                "a future that was ready is polled again: is its output kept?"
            );
            context.waker().wake_by_ref();
            match poll < times {
                true => Poll::Pending,
                false => Poll::Ready(output),
            }
        })
    }

    #[test]
    fn both_are_polled_at_each_poll_until_they_are_ready() {
        within_five_seconds(|| {
            for (a, b) in [(0, 0), (2, 2), (3, 0), (0, 3), (1, 4), (4, 1)] {
                let polls = [(); 2].map(|()| Arc::new(AtomicU64::new(0)));
                let first = later(a, 'a', polls[0].clone());
                let second = later(b, 2, polls[1].clone());
                let mut both = pin!(join(first, second));
                let mut context = Context::from_waker(Waker::noop());
                for poll in 1..=a.max(b) {
                    assert!(
                        both.as_mut().poll(&mut context).is_pending(),
                        "pending {a} and {b} times, and ready at poll {poll}"
                    );
                    let seen = [0, 1].map(|i| polls[i].load(SeqCst));
                    assert_eq!(
                        seen,
                        [poll.min(a + 1), poll.min(b + 1)],
                        "polls of each after {poll} polls of both"
                    );
                }
                let last = both.as_mut().poll(&mut context);
                let outputs: Both<Ready<char>, Ready<i32>> = ('a', 2);
                assert_eq!(
                    last,
                    Poll::Ready(outputs),
                    "pending {a} and {b} times: both are ready in this poll"
                );
            }
        });
    }

    struct Bell(AtomicU64);

    impl Wake for Bell {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, SeqCst);
        }
    }

    #[test]
    fn each_of_them_can_wake_the_task() {
        within_five_seconds(|| {
            let bell = Arc::new(Bell(AtomicU64::new(0)));
            let waker = Waker::from(bell.clone());
            let polls = || Arc::new(AtomicU64::new(0));
            let mut both =
                pin!(join(later(1, 1, polls()), later(1, 2, polls())));
            let mut context = Context::from_waker(&waker);
            assert!(both.as_mut().poll(&mut context).is_pending());
            assert_eq!(bell.0.load(SeqCst), 2, "two futures woke the task");
        });
    }

    #[test]
    fn outputs_need_not_be_copied() {
        within_five_seconds(|| {
            let texts = join(async { String::from("a") }, async { vec![1] });
            let mut context = Context::from_waker(Waker::noop());
            let ready = pin!(texts).poll(&mut context);
            assert_eq!(ready, Poll::Ready(("a".into(), vec![1])));
        });
    }
}
