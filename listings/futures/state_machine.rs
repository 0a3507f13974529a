// A state machine by hand, and the one that the compiler makes of an async
// function.
//
// One thread: there is nothing for a model checker. What the compiler makes is
// captured in `state_machine.found.txt`.
//
// Runs on the Playground.

use std::mem::{replace, size_of_val};
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};

// ANCHOR: later
/// An answer that is there when it has been asked for often enough.
pub struct Later {
    polls_left: u32,
    answer: u32,
}

impl Future for Later {
    type Output = u32;

    fn poll(mut self: Pin<&mut Self>, _: &mut Context) -> Poll<u32> {
        match self.polls_left {
            0 => Poll::Ready(self.answer),
            left => {
                self.polls_left = left - 1;
                Poll::Pending
            }
        }
    }
}
// ANCHOR_END: later

pub fn later(polls_left: u32, answer: u32) -> Later {
    Later { polls_left, answer }
}

// ANCHOR: function
pub async fn sum(a: Later, b: Later) -> u32 {
    let first = a.await;
    let second = b.await;
    first + second
}
// ANCHOR_END: function

// ANCHOR: machine
/// Where `sum` is, and what it has to remember there.
pub enum Sum {
    Start { a: Later, b: Later },
    WaitsForA { a: Later, b: Later },
    WaitsForB { first: u32, b: Later },
    Done,
}

impl Future for Sum {
    type Output = u32;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context) -> Poll<u32> {
        loop {
            match replace(&mut *self, Sum::Done) {
                Sum::Start { a, b } => *self = Sum::WaitsForA { a, b },
                Sum::WaitsForA { mut a, b } => {
                    match Pin::new(&mut a).poll(context) {
                        Poll::Ready(first) => {
                            *self = Sum::WaitsForB { first, b };
                        }
                        Poll::Pending => {
                            *self = Sum::WaitsForA { a, b };
                            return Poll::Pending;
                        }
                    }
                }
                Sum::WaitsForB { first, mut b } => {
                    match Pin::new(&mut b).poll(context) {
                        Poll::Ready(second) => {
                            return Poll::Ready(first + second);
                        }
                        Poll::Pending => {
                            *self = Sum::WaitsForB { first, b };
                            return Poll::Pending;
                        }
                    }
                }
                Sum::Done => panic!("polled after it was ready"),
            }
        }
    }
}
// ANCHOR_END: machine

pub fn by_hand(a: Later, b: Later) -> Sum {
    Sum::Start { a, b }
}

// ANCHOR: main
/// Polls it to its end. Returns what each poll answered.
pub fn polls(future: impl Future<Output = u32>) -> Vec<Poll<u32>> {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    let mut answers = Vec::new();
    while !answers.iter().any(Poll::is_ready) {
        answers.push(future.as_mut().poll(&mut context));
    }
    answers
}

pub fn main() {
    let theirs = sum(later(1, 3), later(1, 4));
    let ours = by_hand(later(1, 3), later(1, 4));
    println!("bytes: {}, {}", size_of_val(&theirs), size_of_val(&ours));
    println!("the compiler's: {:?}", polls(theirs));
    println!("by hand:        {:?}", polls(ours));
}
// ANCHOR_END: main

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_answer_each_poll_alike() {
        for a in 0..4 {
            for b in 0..4 {
                let theirs = polls(sum(later(a, 3), later(b, 4)));
                let ours = polls(by_hand(later(a, 3), later(b, 4)));
                assert_eq!(theirs, ours);
                assert_eq!(ours.len() as u32, 1 + a + b);
                assert_eq!(ours.last(), Some(&Poll::Ready(7)));
            }
        }
    }

    #[test]
    #[should_panic(expected = "polled after it was ready")]
    fn a_machine_that_has_ended_says_so() {
        let mut machine = pin!(by_hand(later(0, 3), later(0, 4)));
        let mut context = Context::from_waker(Waker::noop());
        let _ = machine.as_mut().poll(&mut context);
        let _ = machine.as_mut().poll(&mut context);
    }
}
