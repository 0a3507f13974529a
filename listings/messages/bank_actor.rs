// 500 on the account, 500 come in, 100 go out: one thread owns the account,
// and the others write to it.
//
// Checked by shuttle, which includes this file and runs every order of its
// steps.
//
// Runs on the Playground.

use std::sync::mpsc::{self, Receiver, Sender};
use std::thread;

// ANCHOR: messages
/// What can be asked of the account. A question brings the channel for its
/// answer along.
enum Message {
    Deposit(i64),
    Withdraw(i64, Sender<Result<i64, Overdrawn>>),
}

/// The account holds less than was asked for; it was left as it is.
#[derive(Debug, PartialEq, Eq)]
pub struct Overdrawn;
// ANCHOR_END: messages

// ANCHOR: actor
/// The only thread that ever sees the balance. Returns it when nobody is left
/// who could write.
fn account(mut balance: i64, mailbox: Receiver<Message>) -> i64 {
    for message in mailbox {
        match message {
            Message::Deposit(amount) => balance += amount,
            Message::Withdraw(amount, reply) => {
                let answer = if balance >= amount {
                    balance -= amount;
                    Ok(balance)
                } else {
                    Err(Overdrawn)
                };
                // Whoever asked can be gone by now. That is no concern of ours.
                let _ = reply.send(answer);
            }
        }
    }
    balance
}
// ANCHOR_END: actor

// ANCHOR: teller
/// What the others hold of the account: an address.
#[derive(Clone)]
struct Teller {
    mailbox: Sender<Message>,
}

impl Teller {
    /// Does not wait.
    fn deposit(&self, amount: i64) {
        self.mailbox.send(Message::Deposit(amount)).expect(OPEN);
    }

    /// Waits for the answer: what is left on the account.
    fn withdraw(&self, amount: i64) -> Result<i64, Overdrawn> {
        let (reply, answer) = mpsc::channel();
        self.mailbox.send(Message::Withdraw(amount, reply)).expect(OPEN);
        answer.recv().expect(OPEN)
    }
}

const OPEN: &str = "the account is open as long as somebody can write to it";
// ANCHOR_END: teller

// ANCHOR: both_tellers
/// Two threads, one account. Returns what it holds in the end.
pub fn both_tellers() -> i64 {
    let (mailbox, messages) = mpsc::channel();
    let teller = Teller { mailbox };
    let other = teller.clone();
    thread::scope(|scope| {
        let account = scope.spawn(|| account(500, messages));
        scope.spawn(move || teller.deposit(500));
        scope.spawn(move || other.withdraw(100));
        account.join().expect("the account does not panic")
    })
}
// ANCHOR_END: both_tellers

/// Two withdrawals of 400 from 500. Returns how many were refused, and what is
/// left.
pub fn two_withdrawals() -> (usize, i64) {
    let (mailbox, messages) = mpsc::channel();
    let teller = Teller { mailbox };
    thread::scope(|scope| {
        let account = scope.spawn(|| account(500, messages));
        let other = teller.clone();
        let other = scope.spawn(move || other.withdraw(400));
        let own = teller.withdraw(400);
        drop(teller); // the last one: the account closes
        let answers = [own, other.join().expect("nobody panics")];
        let refused = answers.iter().filter(|answer| answer.is_err()).count();
        (refused, account.join().expect("the account does not panic"))
    })
}

// ANCHOR: main
pub fn main() {
    println!("500 + 500 - 100 = {}", both_tellers());
    let (refused, left) = two_withdrawals();
    println!("500 - 400 - 400: {refused} refused, {left} left");
}
// ANCHOR_END: main

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_money_is_lost_or_made() {
        for _ in 0..500 {
            assert_eq!(both_tellers(), 900);
            assert_eq!(two_withdrawals(), (1, 100));
        }
    }
}
