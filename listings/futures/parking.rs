// An executor that sleeps until it is woken.
//
// Checked by loom, which includes this file and runs every order of its steps,
// and by shuttle, which wakes the parked thread without a reason as well.
//
// Runs on the Playground.

use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};
use std::time::Duration;

// ANCHOR: block_on
struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// Runs a future to its end. Returns its output and the number of polls.
pub fn block_on<F: Future>(future: F) -> (F::Output, u64) {
    let mut future = pin!(future);
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut context = Context::from_waker(&waker);
    let mut polls = 0;
    loop {
        polls += 1;
        match future.as_mut().poll(&mut context) {
            Poll::Ready(output) => return (output, polls),
            Poll::Pending => thread::park(),
        }
    }
}
// ANCHOR_END: block_on

// ANCHOR: bread
/// What the baker and the oven share.
#[derive(Default)]
struct Oven {
    ready: bool,
    waker: Option<Waker>,
}

/// Ready when the oven is.
pub struct Bread(Arc<Mutex<Oven>>);

impl Future for Bread {
    type Output = &'static str;

    fn poll(self: Pin<&mut Self>, context: &mut Context) -> Poll<Self::Output> {
        let mut oven = self.0.lock().expect(CALM);
        if oven.ready {
            return Poll::Ready("bread");
        }
        oven.waker = Some(context.waker().clone());
        Poll::Pending
    }
}

/// Starts a thread that bakes. The future is ready when it is done.
pub fn bake(time: Duration) -> Bread {
    let bread = Bread(Arc::default());
    let oven = Arc::clone(&bread.0);
    thread::spawn(move || {
        thread::sleep(time);
        let mut oven = oven.lock().expect(CALM);
        oven.ready = true;
        if let Some(waker) = oven.waker.take() {
            waker.wake();
        }
    });
    bread
}
// ANCHOR_END: bread

const CALM: &str = "nobody panics at the oven";

// ANCHOR: main
pub fn main() {
    let (output, polls) = block_on(bake(Duration::from_millis(100)));
    println!("{output}; polls: {polls}");
}
// ANCHOR_END: main

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_sleeps_between_two_polls() {
        let (output, polls) = block_on(bake(Duration::from_millis(50)));
        assert_eq!(output, "bread");
        assert!(polls < 10, "{polls} polls");
    }

    #[test]
    fn it_ends_however_early_the_oven_is_ready() {
        for _ in 0..500 {
            assert_eq!(block_on(bake(Duration::ZERO)).0, "bread");
        }
    }
}
