// Two withdrawals that look before they take: wrong on purpose. 500 - 400 - 400
// is 100 or -300.
//
// Checked by shuttle, which includes this file and finds both endings.
//
// Runs on the Playground.

use std::sync::atomic::{AtomicI64, Ordering::Relaxed};
use std::thread;

// ANCHOR: withdraw
/// Looks whether there is enough, and takes it: two steps.
fn withdraw(balance: &AtomicI64, amount: i64) {
    if balance.load(Relaxed) >= amount {
        balance.fetch_sub(amount, Relaxed);
    }
}
// ANCHOR_END: withdraw

/// Two withdrawals of 400 from 500. Returns what is left.
pub fn two_withdrawals() -> i64 {
    let balance = AtomicI64::new(500);
    thread::scope(|scope| {
        scope.spawn(|| withdraw(&balance, 400));
        scope.spawn(|| withdraw(&balance, 400));
    });
    balance.into_inner()
}

pub fn main() {
    println!("500 - 400 - 400: {} left", two_withdrawals());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_after_the_other_the_second_is_refused() {
        let balance = AtomicI64::new(500);
        withdraw(&balance, 400);
        withdraw(&balance, 400);
        assert_eq!(balance.into_inner(), 100);
    }

    #[test]
    fn every_run_ends_in_one_of_the_two_ways() {
        for _ in 0..1_000 {
            assert!([100, -300].contains(&two_withdrawals()));
        }
    }
}
