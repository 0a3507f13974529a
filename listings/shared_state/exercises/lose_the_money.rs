//! # Lose the money
//!
//! 15 minutes
//!
//! There are two tellers, and each has three steps: read the balance, compute,
//! write the balance. You are the scheduler. An order is a list of six names,
//! which says who goes next each time; `walk` goes through it and returns the
//! balance at the end.
//!
//! Write down three orders and a beginning: an order that ends with 400, one that
//! ends with 1000, one that ends with 400 and changes from one teller to the other
//! as few times as possible, and the shortest *beginning* of an order after which
//! nothing can save the deposit.
//!
//! Hint: Walk through the explorer above until the ending is one of those you
//! want, and write down what you clicked. For the beginning, ask which steps have
//! to be done before it is certain which teller writes last, and what it writes.

/// Who goes next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Teller {
    /// Puts in 500.
    Deposit,
    /// Takes out 100.
    Withdraw,
}

use Teller::{Deposit, Withdraw};

/// The balance at the end of an order. `None` if a teller has fewer or more
/// than three steps in it.
pub fn walk(order: &[Teller]) -> Option<i64> {
    let mut balance = 500;
    let mut tellers = [(0, 500), (0, -100)]; // steps done, own number
    for teller in order {
        let (done, number) = &mut tellers[*teller as usize];
        match *done {
            0 => *number += balance, // read, and remember what to add
            1 => {}                  // compute: the other cannot see it
            2 => balance = *number,  // write
            _ => return None,
        }
        *done += 1;
    }
    tellers.iter().all(|(done, _)| *done == 3).then_some(balance)
}

pub mod starter {
    use super::*;

    /// An order that ends with 400.
    pub fn lose_the_deposit() -> Vec<Teller> {
        todo!("six times Deposit or Withdraw, so that 400 are left")
    }

    /// An order that ends with 1000.
    pub fn lose_the_withdrawal() -> Vec<Teller> {
        todo!("six times Deposit or Withdraw, so that 1000 are left")
    }

    /// An order that ends with 400 and changes tellers as rarely as possible.
    pub fn lose_it_quietly() -> Vec<Teller> {
        todo!("400 again, with as few changes of teller as there can be")
    }

    /// The shortest beginning after which every order ends with 400.
    pub fn beyond_rescue() -> Vec<Teller> {
        todo!("a beginning: after it, whoever goes next, 400 are left")
    }
}

pub mod solution {
    use super::*;

    /// Both read 500 before either writes, and the withdrawal writes last.
    pub fn lose_the_deposit() -> Vec<Teller> {
        vec![Deposit, Withdraw, Deposit, Withdraw, Deposit, Withdraw]
    }

    /// Both read 500, and the deposit writes last.
    pub fn lose_the_withdrawal() -> Vec<Teller> {
        vec![Withdraw, Deposit, Withdraw, Deposit, Withdraw, Deposit]
    }

    /// The withdrawal reads, sleeps through the whole deposit, and wakes up with
    /// a balance that is out of date. One change is not enough, because then one
    /// teller is done before the other begins.
    pub fn lose_it_quietly() -> Vec<Teller> {
        vec![Withdraw, Deposit, Deposit, Deposit, Withdraw, Withdraw]
    }

    /// The deposit is written, and the withdrawal has read before that. So it
    /// will write 400, and no other write comes after it.
    pub fn beyond_rescue() -> Vec<Teller> {
        vec![Deposit, Withdraw, Deposit, Deposit]
    }
}

/// You let the deposit write last to lose it. The teller that writes last is the
/// one whose change stays, and the change that was written before is wiped out:
/// your order loses the withdrawal, and 1000 are left.
///
/// Caught by `the_deposit_is_lost`.
pub mod wrong_last_writer_loses {
    pub use super::solution::{
        beyond_rescue, lose_it_quietly, lose_the_withdrawal,
    };
    use super::*;

    pub fn lose_the_deposit() -> Vec<Teller> {
        vec![Withdraw, Deposit, Deposit, Withdraw, Withdraw, Deposit]
    }
}

/// You let both tellers read first, and go on from there with as few changes as
/// you can. That gives three. The deposit does not have to wait for the other's
/// reading in the middle of its own work: let the withdrawal read before anything
/// else, and the deposit can do all its steps in one go.
///
/// Caught by `it_is_lost_with_as_few_changes_as_possible`.
pub mod wrong_deposit_reads_first {
    pub use super::solution::{
        beyond_rescue, lose_the_deposit, lose_the_withdrawal,
    };
    use super::*;

    pub fn lose_it_quietly() -> Vec<Teller> {
        vec![Deposit, Withdraw, Deposit, Deposit, Withdraw, Withdraw]
    }
}

/// You stop when both tellers have read 500. From there on one of the two changes
/// is lost for certain, but it is still open which: if the deposit writes last,
/// 1000 are left, and the deposit is saved.
///
/// Caught by `after_the_shortest_beginning_nothing_can_save_it`.
pub mod wrong_both_have_read {
    pub use super::solution::{
        lose_it_quietly, lose_the_deposit, lose_the_withdrawal,
    };
    use super::*;

    pub fn beyond_rescue() -> Vec<Teller> {
        vec![Deposit, Withdraw]
    }
}

#[cfg(test)]
mod tests {
    use super::solution::*;
    use super::*;

    fn changes(order: &[Teller]) -> usize {
        order.windows(2).filter(|two| two[0] != two[1]).count()
    }

    /// Every way to go on with three steps each.
    fn completions(order: &[Teller]) -> Vec<Vec<Teller>> {
        let steps = |who| order.iter().filter(|teller| **teller == who).count();
        let open =
            [Deposit, Withdraw].into_iter().filter(|who| steps(*who) < 3);
        let longer = open.map(|who| [order, &[who]].concat());
        let all: Vec<_> = longer.flat_map(|next| completions(&next)).collect();
        match all.is_empty() {
            true => vec![order.to_vec()],
            false => all,
        }
    }

    fn ending(order: &[Teller]) -> i64 {
        walk(order).expect("three steps of each teller, six in all")
    }

    #[test]
    fn the_deposit_is_lost() {
        let order = lose_the_deposit();
        assert_eq!(
            ending(&order),
            400,
            "{order:?} leaves another balance: which change was wiped out?"
        );
    }

    #[test]
    fn the_withdrawal_is_lost() {
        let order = lose_the_withdrawal();
        assert_eq!(ending(&order), 1000, "{order:?} leaves another balance");
    }

    #[test]
    fn it_is_lost_with_as_few_changes_as_possible() {
        let order = lose_it_quietly();
        assert_eq!(ending(&order), 400, "{order:?} leaves another balance");
        let all = completions(&[]);
        let losing = all.iter().filter(|order| ending(order) == 400);
        let fewest = losing.map(|order| changes(order)).min();
        assert_eq!(
            Some(changes(&order)),
            fewest,
            "{order:?} changes tellers more times than it has to"
        );
    }

    #[test]
    fn after_the_shortest_beginning_nothing_can_save_it() {
        let beginning = beyond_rescue();
        for order in completions(&beginning) {
            let left = ending(&order);
            assert_eq!(
                left, 400,
                "after {beginning:?}, this order still saves the deposit: \
                 {order:?}"
            );
        }
        assert!(
            beginning.len() <= 4,
            "it was decided before {beginning:?} was over: leave some out"
        );
    }
}
