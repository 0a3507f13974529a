//! # Collect without getting stuck
//!
//! 25 minutes
//!
//! A bank has many accounts, each behind a lock of its own. `collect` takes all
//! the money from some accounts and puts it on another one. It needs several
//! locks at the same time, and another thread can be collecting the other way.
//! The starter takes the locks in the order in which it was given the numbers.
//!
//! Write `collect` so that no two calls can get stuck, whichever accounts they
//! name. An account can be named twice, and the account that is paid can be
//! among those that pay: what was on it before does not count as collected,
//! which the starter has wrong too. The total of all accounts never changes,
//! and a thread that locks them to add them up never finds money missing.
//!
//! The bank keeps a list of the locks in the order in which you took them, and
//! the tests look at it: the smaller number comes first.
//!
//! Hint: Put the numbers in order before you take the first lock. A
//! `BTreeSet` of numbers is in order and holds each of them once.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard};

/// Accounts, each behind a lock of its own.
pub struct Bank {
    balances: Vec<Mutex<i64>>,
    locked: Mutex<Vec<usize>>,
}

impl Bank {
    pub fn new(balances: &[i64]) -> Bank {
        Bank {
            balances: balances.iter().copied().map(Mutex::new).collect(),
            locked: Mutex::default(),
        }
    }

    /// Waits for an account, and writes down that it was locked.
    pub fn lock(&self, account: usize) -> MutexGuard<'_, i64> {
        let balance = self.balances[account].lock().expect("nobody panics");
        self.locked.lock().expect("nobody panics").push(account);
        balance
    }

    /// Which accounts were locked, in this order.
    pub fn locked(&self) -> Vec<usize> {
        self.locked.lock().expect("nobody panics").clone()
    }

    /// What is on each account.
    pub fn balances(&self) -> Vec<i64> {
        let balances = self.balances.iter();
        balances.map(|one| *one.lock().expect("nobody panics")).collect()
    }
}

/// Guards by the number of their account.
pub type Guards<'b> = BTreeMap<usize, MutexGuard<'b, i64>>;

pub mod starter {
    use super::*;

    /// Moves everything that is on the accounts `from` to the account `to`.
    /// Returns how much that was. What was on `to` before does not count, even
    /// if `to` is among `from`.
    pub fn collect(bank: &Bank, from: &[usize], to: usize) -> i64 {
        let mut guards = Guards::new();
        for account in from {
            guards.insert(*account, bank.lock(*account));
        }
        guards.insert(to, bank.lock(to));
        let mut collected = 0;
        for account in from {
            let balance = guards.get_mut(account).expect("it was locked");
            collected += std::mem::take(&mut **balance);
        }
        **guards.get_mut(&to).expect("it was locked") += collected;
        collected
    }
}

pub mod solution {
    use super::*;
    use std::collections::BTreeSet;

    /// Moves everything that is on the accounts `from` to the account `to`.
    /// Returns how much that was. What was on `to` before does not count, even
    /// if `to` is among `from`.
    pub fn collect(bank: &Bank, from: &[usize], to: usize) -> i64 {
        // A set is in order, and has each number once: one order for everybody,
        // and no account that waits for itself.
        let mut numbers: BTreeSet<usize> = from.iter().copied().collect();
        numbers.insert(to);
        let mut guards: Guards = numbers
            .iter()
            .map(|number| (*number, bank.lock(*number)))
            .collect();
        // Every lock is held from here to the end: nobody sees a total that is
        // missing what is on its way.
        let mut collected = 0;
        for (number, balance) in &mut guards {
            if *number != to {
                collected += std::mem::take(&mut **balance);
            }
        }
        if let Some(balance) = guards.get_mut(&to) {
            **balance += collected;
        }
        collected
    }
}

/// You put the payers in order and take the account that is paid after them,
/// whatever its number. A call that pays the other way holds that account and
/// waits for one of yours, and both wait forever.
///
/// Caught by `any_two_calls_take_their_locks_in_the_same_order`.
pub mod wrong_payee_last {
    use super::*;
    use std::collections::BTreeSet;

    pub fn collect(bank: &Bank, from: &[usize], to: usize) -> i64 {
        let mut payers: BTreeSet<usize> = from.iter().copied().collect();
        payers.remove(&to);
        let mut guards: Vec<MutexGuard<i64>> =
            payers.iter().map(|payer| bank.lock(*payer)).collect();
        let mut paid = bank.lock(to);
        let collected: i64 = guards
            .iter_mut()
            .map(|balance| std::mem::take(&mut **balance))
            .sum();
        *paid += collected;
        collected
    }
}

/// You never hold two locks, so you cannot get stuck: you empty one account
/// after the other, and pay at the end. Until then the money is on no account,
/// and a thread that adds them up in the meantime reports a loss.
///
/// Caught by `no_account_is_let_go_before_the_money_has_arrived`.
pub mod wrong_one_lock_at_a_time {
    use super::*;
    use std::collections::BTreeSet;

    pub fn collect(bank: &Bank, from: &[usize], to: usize) -> i64 {
        let payers: BTreeSet<usize> = from.iter().copied().collect();
        let mut collected = 0;
        for payer in payers {
            if payer != to {
                collected += std::mem::take(&mut *bank.lock(payer));
            }
        }
        *bank.lock(to) += collected;
        collected
    }
}

/// You sort the numbers and leave in the ones that occur twice. The second
/// time, the thread waits for a lock that it holds itself and will never let
/// go.
///
/// Caught by `an_account_that_is_named_twice_is_locked_once`.
pub mod wrong_sorted_with_duplicates {
    use super::*;

    pub fn collect(bank: &Bank, from: &[usize], to: usize) -> i64 {
        let mut numbers = from.to_vec();
        if !numbers.contains(&to) {
            numbers.push(to);
        }
        numbers.sort();
        let mut guards: Vec<(usize, MutexGuard<i64>)> = numbers
            .iter()
            .map(|number| (*number, bank.lock(*number)))
            .collect();
        let mut collected = 0;
        for (number, balance) in &mut guards {
            if *number != to {
                collected += std::mem::take(&mut **balance);
            }
        }
        for (number, balance) in &mut guards {
            if *number == to {
                **balance += collected;
            }
        }
        collected
    }
}

#[cfg(test)]
mod tests {
    use super::solution::*;
    use super::*;
    use std::sync::mpsc::RecvTimeoutError;
    use std::sync::{Arc, mpsc};
    use std::thread;
    use std::time::{Duration, Instant};

    const LONG: Duration = Duration::from_secs(5);

    /// What the call returns; a message if it hangs.
    fn within_five_seconds<T: Send + 'static>(
        call: impl FnOnce() -> T + Send + 'static,
    ) -> T {
        let (done, result) = mpsc::channel();
        thread::spawn(move || done.send(call()));
        result.recv_timeout(LONG).unwrap_or_else(|error| match error {
            RecvTimeoutError::Timeout => panic!(
                "`collect` did not return: it waits for a lock that is not let \
                 go, by another call or by itself"
            ),
            RecvTimeoutError::Disconnected => panic!("`collect` panicked"),
        })
    }

    fn collected(
        balances: &[i64],
        from: &'static [usize],
        to: usize,
    ) -> (i64, Arc<Bank>) {
        let bank = Arc::new(Bank::new(balances));
        let shared = Arc::clone(&bank);
        (within_five_seconds(move || collect(&shared, from, to)), bank)
    }

    #[test]
    fn the_money_is_where_it_was_collected() {
        let (sum, bank) = collected(&[10, 20, 30, 40], &[1, 2], 3);
        assert_eq!((sum, bank.balances()), (50, vec![10, 0, 0, 90]));
    }

    #[test]
    fn any_two_calls_take_their_locks_in_the_same_order() {
        for (from, to) in [(&[3, 1][..], 2), (&[2, 0][..], 1), (&[0][..], 3)] {
            let (_, bank) = collected(&[5, 5, 5, 5], from, to);
            let order = bank.locked();
            assert!(
                order.is_sorted(),
                "collecting from {from:?} to {to} locked {order:?}: another \
                 call that locks some of them the other way around can wait \
                 for this one while this one waits for it"
            );
            assert_eq!(
                order.len(),
                from.len() + 1,
                "one lock for each account"
            );
        }
    }

    #[test]
    fn an_account_that_is_named_twice_is_locked_once() {
        let (sum, bank) = collected(&[10, 20, 30], &[0, 1, 0], 2);
        assert_eq!((sum, bank.balances()), (30, vec![0, 0, 60]));
    }

    #[test]
    fn an_account_that_collects_from_itself_keeps_what_it_has() {
        let (sum, bank) = collected(&[10, 20, 30], &[0, 2], 2);
        assert_eq!((sum, bank.balances()), (10, vec![0, 20, 40]));
    }

    #[test]
    fn no_account_is_let_go_before_the_money_has_arrived() {
        let bank = Arc::new(Bank::new(&[10, 20, 30, 0]));
        // The call cannot pay before the test lets go of account 3.
        let paid = bank.balances[3].lock().expect("nobody panics");
        let (shared, (done, result)) = (Arc::clone(&bank), mpsc::channel());
        thread::spawn(move || done.send(collect(&shared, &[0, 1, 2], 3)));
        let start = Instant::now();
        while bank.locked() != [0, 1, 2] {
            assert!(
                start.elapsed() < LONG,
                "collecting from [0, 1, 2] to 3, which another thread holds, \
                 locked {:?} and no more: does it wait for 3 before it has the \
                 others?",
                bank.locked()
            );
            thread::yield_now();
        }
        // It has taken 1 and 2 since, so it is past whatever it does with 0.
        let held = bank.balances[0].try_lock().is_err();
        drop(paid);
        assert!(
            held,
            "account 0 was emptied and let go while its money had not arrived \
             on account 3: a thread that adds up all accounts misses it"
        );
        assert_eq!(result.recv_timeout(LONG), Ok(60));
    }

    #[test]
    fn opposite_calls_at_the_same_time_end() {
        let total = within_five_seconds(|| {
            let bank = Bank::new(&[100; 4]);
            thread::scope(|scope| {
                for (from, to) in [(&[0, 1][..], 2), (&[2, 1][..], 0)] {
                    let bank = &bank;
                    scope.spawn(move || {
                        for _ in 0..2_000 {
                            collect(bank, from, to);
                        }
                    });
                }
            });
            bank.balances().iter().sum::<i64>()
        });
        assert_eq!(total, 400, "money was lost or made");
    }
}
