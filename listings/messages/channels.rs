//! Thirty thousand numbers through a channel: std's, crossbeam's and tokio's,
//! with little room and with much.
//!
//! Checked by its tests alone: shuttle explores std's channels in this
//! chapter's other listings, and neither crossbeam nor tokio as they are.
//!
//! Runs on the Playground.

use std::iter;
use std::sync::mpsc::{self, Receiver, SyncSender};
use std::thread;

use tokio::runtime::Runtime;

/// How many numbers go through.
pub const MESSAGES: u64 = 30_000;

// ANCHOR: std
pub fn std(capacity: usize) -> u64 {
    let (sender, receiver) = mpsc::sync_channel(capacity);
    thread::scope(|scope| {
        scope.spawn(move || {
            for number in 0..MESSAGES {
                sender.send(number).expect("the receiver stays");
            }
        });
        receiver.into_iter().sum()
    })
}
// ANCHOR_END: std

// ANCHOR: unbounded
/// Room for everything.
pub fn unbounded() -> u64 {
    let (sender, receiver) = mpsc::channel();
    thread::scope(|scope| {
        scope.spawn(move || {
            for number in 0..MESSAGES {
                sender.send(number).expect("the receiver stays");
            }
        });
        receiver.into_iter().sum()
    })
}
// ANCHOR_END: unbounded

// ANCHOR: crossbeam
pub fn crossbeam(capacity: usize) -> u64 {
    let (sender, receiver) = crossbeam_channel::bounded(capacity);
    thread::scope(|scope| {
        scope.spawn(move || {
            for number in 0..MESSAGES {
                sender.send(number).expect("the receiver stays");
            }
        });
        receiver.into_iter().sum()
    })
}
// ANCHOR_END: crossbeam

// ANCHOR: tokio
/// Between tasks. The runtime has a thread for each core.
pub fn tokio(capacity: usize) -> u64 {
    let runtime = Runtime::new().expect("the system gives us threads");
    runtime.block_on(async {
        let (sender, mut receiver) = tokio::sync::mpsc::channel(capacity);
        tokio::spawn(async move {
            for number in 0..MESSAGES {
                sender.send(number).await.expect("the receiver stays");
            }
        });
        let mut sum = 0;
        while let Some(number) = receiver.recv().await {
            sum += number;
        }
        sum
    })
}
// ANCHOR_END: tokio

// ANCHOR: patient
/// std's channel once more. A side that would have to wait first lets the
/// other one run, and looks again: so many times, and only then it sleeps.
const LOOKS: usize = 10;

fn send(sender: &SyncSender<u64>, number: u64) {
    for _ in 0..LOOKS {
        match sender.try_send(number) {
            Ok(()) => return,
            Err(_) => thread::yield_now(),
        }
    }
    sender.send(number).expect("the receiver stays");
}

fn receive(receiver: &Receiver<u64>) -> Option<u64> {
    for _ in 0..LOOKS {
        match receiver.try_recv() {
            Ok(number) => return Some(number),
            Err(_) => thread::yield_now(),
        }
    }
    receiver.recv().ok()
}
// ANCHOR_END: patient

pub fn patient(capacity: usize) -> u64 {
    let (sender, receiver) = mpsc::sync_channel(capacity);
    thread::scope(|scope| {
        scope.spawn(move || {
            for number in 0..MESSAGES {
                send(&sender, number);
            }
        });
        iter::from_fn(|| receive(&receiver)).sum()
    })
}

// ANCHOR: main
pub fn main() {
    println!("      std: {}", std(64));
    println!("crossbeam: {}", crossbeam(64));
    println!("    tokio: {}", tokio(64));
}
// ANCHOR_END: main

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_arrives_through_every_channel() {
        let sum = (0..MESSAGES).sum::<u64>();
        assert_eq!(unbounded(), sum);
        for capacity in [1, 64] {
            assert_eq!(std(capacity), sum);
            assert_eq!(patient(capacity), sum);
            assert_eq!(crossbeam(capacity), sum);
            assert_eq!(tokio(capacity), sum);
        }
    }
}
