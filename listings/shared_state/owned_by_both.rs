// The account that two threads own: what the fourth refused program needed.
//
// Runs on the Playground.

// ANCHOR: all
use std::sync::{Arc, Mutex};
use std::thread;

struct Account {
    balance: i64,
}

/// One thread pays in, and this one takes out. Returns what is left.
pub fn both_tellers() -> i64 {
    let account = Arc::new(Mutex::new(Account { balance: 500 }));
    let for_deposit = Arc::clone(&account);
    let deposit = thread::spawn(move || {
        for_deposit.lock().expect("no teller panics").balance += 500;
    });
    account.lock().expect("no teller panics").balance -= 100;
    deposit.join().expect("a deposit does not panic");
    account.lock().expect("no teller panics").balance
}

pub fn main() {
    println!("500 + 500 - 100 = {}", both_tellers());
}
// ANCHOR_END: all

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
