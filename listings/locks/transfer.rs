// A transfer between two accounts, each behind a lock of its own: once stuck,
// once in order.
//
// Checked by shuttle, which includes this file and runs every order of its
// steps.
//
// Runs on the Playground.

use std::sync::{Mutex, MutexGuard};
use std::thread;

use tracing::info;

// ANCHOR: account
pub struct Account {
    /// No two accounts have the same.
    number: u32,
    balance: Mutex<i64>,
}

impl Account {
    pub fn new(number: u32, balance: i64) -> Account {
        Account { number, balance: Mutex::new(balance) }
    }

    fn lock(&self) -> MutexGuard<'_, i64> {
        let balance = self.balance.lock().expect("no transfer panics");
        info!("locked account {}", self.number);
        balance
    }
}

/// Why nothing was moved.
#[derive(Debug, PartialEq, Eq)]
pub enum Refused {
    Overdrawn,
    SameAccount,
}
// ANCHOR_END: account

// ANCHOR: as_it_comes
/// First the account that pays, then the one that is paid. It gets stuck.
pub fn as_it_comes(
    from: &Account,
    to: &Account,
    amount: i64,
) -> Result<(), Refused> {
    let mut payer = from.lock();
    let mut payee = to.lock();
    move_money(&mut payer, &mut payee, amount)
}
// ANCHOR_END: as_it_comes

// ANCHOR: in_order
/// First the account with the smaller number, whoever pays.
pub fn in_order(
    from: &Account,
    to: &Account,
    amount: i64,
) -> Result<(), Refused> {
    if from.number == to.number {
        return Err(Refused::SameAccount);
    }
    let (mut payer, mut payee);
    if from.number < to.number {
        payer = from.lock();
        payee = to.lock();
    } else {
        payee = to.lock();
        payer = from.lock();
    }
    move_money(&mut payer, &mut payee, amount)
}
// ANCHOR_END: in_order

// ANCHOR: move_money
/// Whoever calls this holds both locks.
fn move_money(
    payer: &mut i64,
    payee: &mut i64,
    amount: i64,
) -> Result<(), Refused> {
    if *payer < amount {
        return Err(Refused::Overdrawn);
    }
    *payer -= amount;
    *payee += amount;
    Ok(())
}
// ANCHOR_END: move_money

// ANCHOR: both_ways
pub type Transfer = fn(&Account, &Account, i64) -> Result<(), Refused>;

/// One thread pays from the first account into the second, another one back,
/// this often. Returns what is on them in the end.
pub fn both_ways(times: usize, transfer: Transfer) -> (i64, i64) {
    let (first, second) = (Account::new(1, 500), Account::new(2, 500));
    let repeat = |from, to, amount| {
        for _ in 0..times {
            // Refused where the money has not come in yet; asked once more.
            while transfer(from, to, amount).is_err() {
                thread::yield_now();
            }
        }
    };
    thread::scope(|scope| {
        scope.spawn(|| repeat(&first, &second, 100));
        scope.spawn(|| repeat(&second, &first, 100));
    });
    (*first.lock(), *second.lock())
}
// ANCHOR_END: both_ways

// ANCHOR: main
pub fn main() {
    let (first, second) = both_ways(10_000, in_order);
    println!("after 20000 transfers: {first} and {second}");
    let own = Account::new(3, 500);
    println!("to itself: {:?}", in_order(&own, &own, 100));
}
// ANCHOR_END: main

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn in_order_ends_and_no_money_is_lost() {
        assert_eq!(both_ways(5_000, in_order), (500, 500));
    }

    #[test]
    fn an_account_cannot_pay_what_it_does_not_hold_nor_pay_itself() {
        let (poor, rich) = (Account::new(7, 10), Account::new(4, 1_000));
        assert_eq!(in_order(&poor, &rich, 11), Err(Refused::Overdrawn));
        assert_eq!(in_order(&rich, &rich, 11), Err(Refused::SameAccount));
        assert_eq!(in_order(&rich, &poor, 11), Ok(()));
        assert_eq!((*poor.lock(), *rich.lock()), (21, 989));
    }

    #[test]
    fn one_after_the_other_the_stuck_form_works_too() {
        let (first, second) = (Account::new(1, 500), Account::new(2, 500));
        assert_eq!(as_it_comes(&first, &second, 100), Ok(()));
        assert_eq!(as_it_comes(&second, &first, 600), Ok(()));
        assert_eq!((*first.lock(), *second.lock()), (1_000, 0));
    }
}
