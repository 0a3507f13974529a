// 500 on the account, 500 come in, 100 go out, without a lock: 900, always.
//
// Checked by shuttle, which includes this file and runs every order of its
// steps.
//
// Runs on the Playground.

use std::sync::atomic::{AtomicI64, Ordering::Relaxed};
use std::thread;

// ANCHOR: deposit
/// Reads, computes and writes in one step that nobody can get into.
fn deposit(balance: &AtomicI64, amount: i64) {
    balance.fetch_add(amount, Relaxed);
}
// ANCHOR_END: deposit

// ANCHOR: withdraw
/// The account holds less than was asked for; it was left as it is.
#[derive(Debug, PartialEq, Eq)]
pub struct Overdrawn;

/// Writes only if the balance is still the one it has read. If not, it reads
/// again.
fn withdraw(balance: &AtomicI64, amount: i64) -> Result<(), Overdrawn> {
    let mut read = balance.load(Relaxed);
    loop {
        if read < amount {
            return Err(Overdrawn);
        }
        match balance.compare_exchange(read, read - amount, Relaxed, Relaxed) {
            Ok(_) => return Ok(()),
            Err(changed) => read = changed,
        }
    }
}
// ANCHOR_END: withdraw

// ANCHOR: both_tellers
/// Two threads, one account. Returns what it holds in the end.
pub fn both_tellers() -> i64 {
    let balance = AtomicI64::new(500);
    thread::scope(|scope| {
        scope.spawn(|| deposit(&balance, 500));
        scope.spawn(|| withdraw(&balance, 100));
    });
    balance.into_inner()
}

/// Two withdrawals of 400 from 500. Returns how many were refused, and what is
/// left.
pub fn two_withdrawals() -> (usize, i64) {
    let balance = AtomicI64::new(500);
    let refused = thread::scope(|scope| {
        let tellers = [(); 2].map(|()| scope.spawn(|| withdraw(&balance, 400)));
        tellers
            .into_iter()
            .filter_map(|teller| teller.join().ok()?.err())
            .count()
    });
    (refused, balance.into_inner())
}
// ANCHOR_END: both_tellers

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
        for _ in 0..1_000 {
            assert_eq!(both_tellers(), 900);
            assert_eq!(two_withdrawals(), (1, 100));
        }
    }
}
