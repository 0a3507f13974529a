// Two threads send, and a third keeps the account.
//
// Runs on the Playground.

// ANCHOR: all
use std::sync::mpsc;
use std::thread;

pub fn main() {
    let (sender, mailbox) = mpsc::channel();
    for change in [500, -100] {
        let sender = sender.clone();
        thread::spawn(move || sender.send(change));
    }
    drop(sender);

    let mut balance = 500;
    while let Ok(change) = mailbox.recv() {
        balance += change;
    }
    println!("balance: {balance}");
}
// ANCHOR_END: all
