// The smallest executor: it polls until the future is ready.
//
// One thread: there is nothing for a model checker.
//
// Runs on the Playground.

// ANCHOR: program
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

/// Ready at that time.
struct Alarm(Instant);

impl Future for Alarm {
    type Output = ();

    fn poll(self: Pin<&mut Self>, _: &mut Context) -> Poll<()> {
        match Instant::now() >= self.0 {
            true => Poll::Ready(()),
            false => Poll::Pending,
        }
    }
}

/// Runs a future to its end. Returns its output and the number of polls.
fn block_on<F: Future>(future: F) -> (F::Output, u64) {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    for polls in 1.. {
        if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
            return (output, polls);
        }
    }
    unreachable!("it is not polled that often")
}

pub fn main() {
    let future = async {
        Alarm(Instant::now() + Duration::from_millis(100)).await;
        "rings"
    };
    let (output, polls) = block_on(future);
    println!("{output}; polls: {polls}");
}
// ANCHOR_END: program

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_ready_at_once_is_polled_once() {
        assert_eq!(block_on(async { 7 }), (7, 1));
    }

    #[test]
    fn it_is_ready_at_its_time_and_not_before() {
        let until = Instant::now() + Duration::from_millis(20);
        block_on(Alarm(until));
        assert!(Instant::now() >= until);
    }
}
