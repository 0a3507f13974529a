//! # Retry, and count once
//!
//! 30 minutes
//!
//! Clients pay into an account over a network that loses requests and answers,
//! and delivers some requests twice, some of them late. Write both sides.
//! `pay_in` sends a payment until it has an answer, and makes ten attempts at
//! most, with no need to wait between them: the waiting is in `send`. The id it
//! is given belongs to this payment alone. Ids are any numbers, in any order,
//! and an amount can be negative. `Bank::receive` counts each payment once, and
//! answers with the balance right after it was counted: a payment that comes
//! again gets the answer that was made the first time. Two payments with
//! different ids are two payments, even if their amounts are the same. The tests
//! are the network.
//!
//! Hint: What does the bank have to remember of a payment, and for how long? A
//! copy can come after any number of other payments.

/// What goes over.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Payment {
    pub id: u64,
    pub amount: i64,
}

pub const ATTEMPTS: usize = 10;

pub mod starter {
    use super::*;

    /// What the bank knows. Add what it has to remember.
    #[derive(Default)]
    pub struct Bank {
        pub balance: i64,
    }

    impl Bank {
        /// Counts the payment, if it has not been counted; returns the balance
        /// right after it was.
        #[allow(unused_variables)]
        pub fn receive(&mut self, payment: Payment) -> i64 {
            todo!("look whether this id was here before")
        }
    }

    /// Sends the payment until there is an answer, `ATTEMPTS` times at most.
    /// `send` returns `None` when no answer came.
    #[allow(unused_variables)]
    pub fn pay_in(
        id: u64,
        amount: i64,
        send: impl FnMut(Payment) -> Option<i64>,
    ) -> Option<i64> {
        todo!("each attempt is the same payment")
    }
}

pub mod solution {
    use std::collections::HashMap;

    use super::*;

    /// What the bank knows.
    #[derive(Default)]
    pub struct Bank {
        pub balance: i64,
        /// By id, the balance right after each payment.
        answers: HashMap<u64, i64>,
    }

    impl Bank {
        /// Counts the payment, if it has not been counted; returns the balance
        /// right after it was.
        pub fn receive(&mut self, payment: Payment) -> i64 {
            let balance = &mut self.balance;
            *self.answers.entry(payment.id).or_insert_with(|| {
                *balance += payment.amount;
                *balance
            })
        }
    }

    /// Sends the payment until there is an answer, `ATTEMPTS` times at most.
    /// `send` returns `None` when no answer came.
    pub fn pay_in(
        id: u64,
        amount: i64,
        mut send: impl FnMut(Payment) -> Option<i64>,
    ) -> Option<i64> {
        (0..ATTEMPTS).find_map(|_| send(Payment { id, amount }))
    }
}

/// Gives each attempt an id of its own. The bank cannot see that the second
/// attempt is the first one again, so where only the answer was lost, the client
/// pays once for every attempt.
///
/// Caught by `a_payment_whose_answer_is_lost_counts_once`.
pub mod wrong_new_id_for_each_attempt {
    pub use super::solution::Bank;
    use super::*;

    pub fn pay_in(
        id: u64,
        amount: i64,
        mut send: impl FnMut(Payment) -> Option<i64>,
    ) -> Option<i64> {
        (id..)
            .take(ATTEMPTS)
            .find_map(|attempt| send(Payment { id: attempt, amount }))
    }
}

/// Remembers the ids, and answers a copy with the balance of today. Nothing is
/// counted twice, but two answers to one payment differ, and the client of the
/// copy gets a balance in which the payments of others are included.
///
/// Caught by `a_copy_that_comes_late_counts_for_nothing_and_gets_the_first_answer`.
pub mod wrong_answers_with_the_balance_of_today {
    use std::collections::HashSet;

    pub use super::solution::pay_in;
    use super::*;

    #[derive(Default)]
    pub struct Bank {
        pub balance: i64,
        counted: HashSet<u64>,
    }

    impl Bank {
        pub fn receive(&mut self, payment: Payment) -> i64 {
            if self.counted.insert(payment.id) {
                self.balance += payment.amount;
            }
            self.balance
        }
    }
}

/// Remembers the last payment and its answer, because a client sends a copy
/// right after the original. The network can deliver that copy late, after the
/// payments of others, and then this bank counts it once more.
///
/// Caught by `a_copy_that_comes_late_counts_for_nothing_and_gets_the_first_answer`.
pub mod wrong_remembers_the_last_payment {
    pub use super::solution::pay_in;
    use super::*;

    #[derive(Default)]
    pub struct Bank {
        pub balance: i64,
        /// The id, and the balance right after it was counted.
        last: Option<(u64, i64)>,
    }

    impl Bank {
        pub fn receive(&mut self, payment: Payment) -> i64 {
            match self.last {
                Some((id, answer)) if id == payment.id => answer,
                _ => {
                    self.balance += payment.amount;
                    self.last = Some((payment.id, self.balance));
                    self.balance
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::solution::*;
    use super::*;

    #[test]
    fn a_request_that_is_lost_is_sent_again() {
        let (mut bank, mut attempts) = (Bank::default(), 0);
        let answer = pay_in(1, 100, |payment| {
            attempts += 1;
            (attempts == 3).then(|| bank.receive(payment))
        });
        assert_eq!((answer, bank.balance, attempts), (Some(100), 100, 3));
    }

    #[test]
    fn a_payment_whose_answer_is_lost_counts_once() {
        let (mut bank, mut attempts) = (Bank::default(), 0);
        let answer = pay_in(1, 100, |payment| {
            attempts += 1;
            let balance = bank.receive(payment);
            (attempts == 3).then_some(balance)
        });
        assert_eq!(bank.balance, 100, "counted once for each attempt");
        assert_eq!(answer, Some(100), "the answer that was made at first");
    }

    #[test]
    fn after_ten_attempts_it_gives_up() {
        let mut attempts = 0;
        let answer = pay_in(1, 100, |_| {
            attempts += 1;
            assert!(attempts <= 1_000, "it never gives up");
            None
        });
        assert_eq!((answer, attempts), (None, ATTEMPTS));
    }

    #[test]
    fn equal_amounts_with_different_ids_are_two_payments() {
        let mut bank = Bank::default();
        for (id, balance) in [(1, 100), (2, 200)] {
            let payment = Payment { id, amount: 100 };
            assert_eq!(bank.receive(payment), balance);
        }
    }

    #[test]
    fn a_copy_that_comes_late_counts_for_nothing_and_gets_the_first_answer() {
        let mut bank = Bank::default();
        let first = Payment { id: 7, amount: 5 };
        assert_eq!(bank.receive(first), 5);
        for id in 100..10_100 {
            bank.receive(Payment { id, amount: 1 });
        }
        assert_eq!(bank.receive(first), 5, "not the balance of today");
        assert_eq!(bank.balance, 10_005);
    }

    #[test]
    fn each_attempt_is_the_same_payment() {
        let mut sent = Vec::new();
        pay_in(9, 3, |payment| {
            sent.push(payment);
            (sent.len() == 4).then_some(0)
        });
        assert_eq!(sent, [Payment { id: 9, amount: 3 }; 4]);
    }

    #[test]
    fn the_answer_to_the_last_attempt_is_an_answer() {
        let mut attempts = 0;
        let answer = pay_in(1, 100, |_| {
            attempts += 1;
            (attempts == ATTEMPTS).then_some(100)
        });
        assert_eq!((answer, attempts), (Some(100), ATTEMPTS));
    }

    #[test]
    fn ids_come_in_any_order_and_each_copy_gets_its_first_answer() {
        let mut bank = Bank::default();
        let payments = [(9, 20, 20), (u64::MAX, -20, 0), (0, 5, 5), (7, 3, 8)];
        for _ in 0..3 {
            for (id, amount, balance) in payments {
                let payment = Payment { id, amount };
                assert_eq!(bank.receive(payment), balance, "id {id}");
            }
        }
        assert_eq!(bank.balance, 8);
    }
}
