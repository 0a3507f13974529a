//! An answer that gets lost, and a second try that is counted as a second
//! payment.

// ANCHOR: program
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

pub fn main() {
    let (ask, asked) = mpsc::channel();
    let (answer, answers) = mpsc::channel();
    thread::spawn(move || {
        let mut balance = 0;
        for (attempt, amount) in asked {
            balance += amount;
            // The network: it loses the answer to the first attempt.
            if attempt > 1 && answer.send(balance).is_err() {
                return;
            }
        }
    });
    for attempt in 1.. {
        ask.send((attempt, 100)).expect("the bank is open");
        match answers.recv_timeout(Duration::from_millis(100)) {
            Ok(balance) => {
                println!("paid in 100, and the balance is {balance}");
                break;
            }
            Err(_) => println!("no answer to attempt {attempt}; once more"),
        }
    }
}
// ANCHOR_END: program
