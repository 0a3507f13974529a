// A lock that is let go between reading and writing: wrong on purpose.
// 500 + 500 - 100 is 400, 900 or 1000 here, as it was without a lock.
//
// Checked by shuttle, which includes this file and finds the three endings.
//
// Runs on the Playground.

use std::sync::Mutex;
use std::thread;

// ANCHOR: change
/// Locks twice. Each guard is dropped at the end of its line.
fn change(balance: &Mutex<i64>, amount: i64) {
    let read = *balance.lock().expect("no teller panics");
    *balance.lock().expect("no teller panics") = read + amount;
}
// ANCHOR_END: change

/// Two threads, one account. Returns what it holds in the end.
pub fn both_tellers() -> i64 {
    let balance = Mutex::new(500);
    thread::scope(|scope| {
        scope.spawn(|| change(&balance, 500));
        scope.spawn(|| change(&balance, -100));
    });
    balance.into_inner().expect("no teller panics")
}

pub fn main() {
    println!("500 + 500 - 100 = {}", both_tellers());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_after_the_other_both_changes_count() {
        let balance = Mutex::new(500);
        change(&balance, 500);
        change(&balance, -100);
        assert_eq!(balance.into_inner().unwrap(), 900);
    }

    #[test]
    fn every_run_ends_in_one_of_the_three_ways() {
        for _ in 0..1_000 {
            assert!([400, 900, 1000].contains(&both_tellers()));
        }
    }
}
