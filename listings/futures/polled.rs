// An async function, called and then polled by hand.
//
// One thread and no waiting: there is nothing for a model checker.
//
// Runs on the Playground.

// ANCHOR: program
use std::pin::pin;
use std::task::{Context, Waker};

async fn answer() -> u32 {
    println!("the body runs");
    42
}

pub fn main() {
    let future = answer();
    println!("called");
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    let polled = future.as_mut().poll(&mut context);
    println!("polled: {polled:?}");
}
// ANCHOR_END: program

#[cfg(test)]
mod tests {
    use super::*;
    use std::task::Poll;

    #[test]
    fn the_first_poll_runs_it_to_its_end() {
        let mut context = Context::from_waker(Waker::noop());
        assert_eq!(pin!(answer()).poll(&mut context), Poll::Ready(42));
    }
}
