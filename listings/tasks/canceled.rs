//! A transfer that is dropped in the middle: wrong on purpose in `halfway`, and
//! repaired in `at_once`.
//!
//! It needs no checker of threads: a future is dropped between two polls or not
//! at all, so dropping it after every number of polls is all that can happen.

use std::cell::Cell;
use std::pin::pin;
use std::task::{Context, Waker};

use tokio::task::yield_now;

pub struct Bank {
    first: Cell<i64>,
    second: Cell<i64>,
}

// ANCHOR: halfway
/// Takes the money, asks whether that is allowed, and puts it where it belongs.
pub async fn halfway(bank: &Bank, amount: i64) {
    bank.first.set(bank.first.get() - amount);
    allowed(amount).await; // dropped here, it does not come to the last line
    bank.second.set(bank.second.get() + amount);
}

/// An answer that is not there at once.
async fn allowed(_amount: i64) {
    yield_now().await;
}
// ANCHOR_END: halfway

// ANCHOR: at_once
/// Asks first, and then moves the money with no `.await` in between.
pub async fn at_once(bank: &Bank, amount: i64) {
    allowed(amount).await;
    bank.first.set(bank.first.get() - amount);
    bank.second.set(bank.second.get() + amount);
}
// ANCHOR_END: at_once

// ANCHOR: every_end
/// What both accounts hold together when a transfer of 100 is dropped before
/// its first poll, after one poll, and so on until it is done.
pub fn every_end(transfer: impl AsyncFn(&Bank, i64)) -> Vec<i64> {
    let mut totals = Vec::new();
    loop {
        let bank = Bank { first: Cell::new(500), second: Cell::new(500) };
        let done = {
            let mut transfer = pin!(transfer(&bank, 100));
            let mut context = Context::from_waker(Waker::noop());
            let polls = totals.len();
            (0..polls).any(|_| transfer.as_mut().poll(&mut context).is_ready())
        }; // dropped, done or not
        totals.push(bank.first.get() + bank.second.get());
        if done {
            return totals;
        }
    }
}
// ANCHOR_END: every_end

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dropped_at_its_await_a_transfer_leaves_the_money_on_neither_account() {
        assert_eq!(every_end(halfway), [1_000, 900, 1_000]);
    }

    #[test]
    fn wherever_it_is_dropped_no_money_is_lost_if_it_asks_first() {
        assert_eq!(every_end(at_once), [1_000; 3]);
    }
}
