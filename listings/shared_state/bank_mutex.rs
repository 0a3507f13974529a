// 500 on the account, 500 come in, 100 go out, one at a time: 900, always.
//
// Checked by shuttle, which includes this file and runs every order of its
// steps.
//
// Runs on the Playground.

use std::sync::{Mutex, MutexGuard};
use std::thread;

// ANCHOR: account
struct Account {
    balance: i64,
}

impl Account {
    fn change(&mut self, amount: i64) {
        self.balance += amount;
    }
}
// ANCHOR_END: account

// ANCHOR: both_tellers
/// Two threads, one account. Returns what it holds in the end.
pub fn both_tellers() -> i64 {
    let account = Mutex::new(Account { balance: 500 });
    thread::scope(|scope| {
        scope.spawn(|| lock(&account).change(500));
        scope.spawn(|| lock(&account).change(-100));
    });
    lock(&account).balance
}

/// Waits until nobody else has the account. It is free again when the guard
/// goes out of scope.
fn lock(account: &Mutex<Account>) -> MutexGuard<'_, Account> {
    account.lock().expect("no teller panics at the account")
}
// ANCHOR_END: both_tellers

// ANCHOR: main
pub fn main() {
    println!("500 + 500 - 100 = {}", both_tellers());
}
// ANCHOR_END: main

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_money_is_lost_or_made() {
        for _ in 0..1_000 {
            assert_eq!(both_tellers(), 900);
        }
    }
}
