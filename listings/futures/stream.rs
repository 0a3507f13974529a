// A stream: a future that has more than one value to give.
//
// One thread and the timer of this chapter: nothing for a model checker.
//
// Runs locally only: it uses other listings of this chapter.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use super::parking::block_on;
use super::timer::{Sleep, sleep};

// ANCHOR: stream
pub trait Stream {
    type Item;

    /// Ready with the next value, or with `None` after the last one.
    fn poll_next(&mut self, context: &mut Context) -> Poll<Option<Self::Item>>;
}

/// Counts down, with a pause before each number.
pub struct Countdown {
    from: u32,
    pause: Duration,
    sleep: Sleep,
}

impl Stream for Countdown {
    type Item = u32;

    fn poll_next(&mut self, context: &mut Context) -> Poll<Option<u32>> {
        if self.from == 0 {
            return Poll::Ready(None);
        }
        ready!(Pin::new(&mut self.sleep).poll(context));
        self.sleep = sleep(self.pause);
        self.from -= 1;
        Poll::Ready(Some(self.from))
    }
}

/// A future of the next value.
pub async fn next<S: Stream>(stream: &mut S) -> Option<S::Item> {
    poll_fn(|context| stream.poll_next(context)).await
}
// ANCHOR_END: stream

pub fn countdown(from: u32, pause: Duration) -> Countdown {
    Countdown { from, pause, sleep: sleep(pause) }
}

// ANCHOR: main
pub fn main() {
    block_on(async {
        let mut numbers = countdown(3, Duration::from_millis(10));
        while let Some(number) = next(&mut numbers).await {
            println!("{number}");
        }
    });
}
// ANCHOR_END: main

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Instant;

    #[test]
    fn every_number_comes_after_a_pause_and_then_no_more() {
        let begun = Instant::now();
        let mut numbers = countdown(3, Duration::from_millis(5));
        let (all, _) = block_on(async {
            let mut all = Vec::new();
            while let Some(number) = next(&mut numbers).await {
                all.push(number);
            }
            all
        });
        assert_eq!(all, [2, 1, 0]);
        assert!(begun.elapsed() >= Duration::from_millis(15));
        assert_eq!(block_on(next(&mut numbers)).0, None);
    }
}
