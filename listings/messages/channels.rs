//! Thirty thousand numbers through a channel: std's, crossbeam's and tokio's,
//! with little room and with much, from one sender and from four.
//!
//! Checked by its tests alone: shuttle explores std's channels in this
//! chapter's other listings, and neither crossbeam nor tokio as they are.
//!
//! Runs on the Playground.

use std::sync::mpsc;
use std::thread;

use tokio::runtime::Runtime;

/// How many numbers go through. The chapter divides by it.
pub const MESSAGES: u64 = 30_000;

// ANCHOR: std
pub fn std(producers: u64, capacity: usize) -> u64 {
    let (sender, receiver) = mpsc::sync_channel(capacity);
    thread::scope(|scope| {
        for part in parts(producers) {
            let sender = sender.clone();
            scope.spawn(move || {
                for number in part {
                    sender.send(number).expect("the receiver stays");
                }
            });
        }
        drop(sender);
        receiver.into_iter().sum()
    })
}
// ANCHOR_END: std

// ANCHOR: unbounded
/// Room for everything.
pub fn unbounded(producers: u64) -> u64 {
    let (sender, receiver) = mpsc::channel();
    thread::scope(|scope| {
        for part in parts(producers) {
            let sender = sender.clone();
            scope.spawn(move || {
                for number in part {
                    sender.send(number).expect("the receiver stays");
                }
            });
        }
        drop(sender);
        receiver.into_iter().sum()
    })
}
// ANCHOR_END: unbounded

// ANCHOR: crossbeam
pub fn crossbeam(producers: u64, capacity: usize) -> u64 {
    let (sender, receiver) = crossbeam_channel::bounded(capacity);
    thread::scope(|scope| {
        for part in parts(producers) {
            let sender = sender.clone();
            scope.spawn(move || {
                for number in part {
                    sender.send(number).expect("the receiver stays");
                }
            });
        }
        drop(sender);
        receiver.into_iter().sum()
    })
}
// ANCHOR_END: crossbeam

// ANCHOR: tokio
/// Between tasks. The runtime has a thread for each core.
pub fn tokio(producers: u64, capacity: usize) -> u64 {
    let runtime = Runtime::new().expect("the system gives us threads");
    runtime.block_on(async {
        let (sender, mut receiver) = tokio::sync::mpsc::channel(capacity);
        for part in parts(producers) {
            let sender = sender.clone();
            tokio::spawn(async move {
                for number in part {
                    sender.send(number).await.expect("the receiver stays");
                }
            });
        }
        drop(sender);
        let mut sum = 0;
        while let Some(number) = receiver.recv().await {
            sum += number;
        }
        sum
    })
}
// ANCHOR_END: tokio

/// The numbers below `MESSAGES`, a stretch for each producer.
fn parts(producers: u64) -> impl Iterator<Item = std::ops::Range<u64>> {
    let share = MESSAGES.div_ceil(producers);
    (0..producers).map(move |part| {
        (part * share).min(MESSAGES)..((part + 1) * share).min(MESSAGES)
    })
}

// ANCHOR: main
pub fn main() {
    println!("      std: {}", std(4, 64));
    println!("crossbeam: {}", crossbeam(4, 64));
    println!("    tokio: {}", tokio(4, 64));
}
// ANCHOR_END: main

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_arrives_through_every_channel() {
        let sum = (0..MESSAGES).sum::<u64>();
        for producers in [1, 3] {
            assert_eq!(unbounded(producers), sum);
            for capacity in [1, 64] {
                assert_eq!(std(producers, capacity), sum);
                assert_eq!(crossbeam(producers, capacity), sum);
                assert_eq!(tokio(producers, capacity), sum);
            }
        }
    }
}
