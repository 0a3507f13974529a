//! One thread computes a number and sends it to another, which waits for it.
//!
//! Runs on the Playground.

// ANCHOR: all
use std::sync::mpsc;
use std::thread;

pub fn main() {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let sum: u64 = (1..=1_000).sum();
        sender.send(sum).expect("main waits for it");
    });
    let sum = receiver.recv().expect("the thread sends one");
    println!("the first thousand numbers make {sum}");
}
// ANCHOR_END: all
