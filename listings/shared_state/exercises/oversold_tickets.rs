//! # Two customers, one ticket
//!
//! 15 minutes
//!
//! The box office has been audited, and it has sold more tickets than there are
//! seats. Every line of `buy` is careful, and every access to the count is
//! locked. Find the mistake and repair it.
//!
//! While a customer looks for a card, which is what `pay` stands for, others
//! must be able to buy. A customer who has paid gets a ticket, and one whose card
//! is refused takes none. If no ticket is left, no customer is asked to pay. The
//! tests choose the moment: in them, other customers come while one is paying.
//!
//! Hint: Which two lines rely on each other, and who can come between them? You
//! cannot hold the guard while a customer pays, because then all the others
//! wait. Take the ticket first. It can be put back.

use std::sync::{Mutex, MutexGuard};

/// Sells tickets for as long as there are some.
pub struct BoxOffice {
    left: Mutex<u32>,
}

impl BoxOffice {
    pub fn new(left: u32) -> BoxOffice {
        BoxOffice { left: Mutex::new(left) }
    }

    /// The count, for as long as the guard lives.
    pub fn left(&self) -> MutexGuard<'_, u32> {
        self.left.lock().expect("nobody panics at the box office")
    }
}

pub mod starter {
    use super::*;

    /// Sells one ticket to a customer who can pay. Returns whether it was sold.
    pub fn buy(office: &BoxOffice, pay: impl FnOnce() -> bool) -> bool {
        let left = *office.left();
        if left == 0 {
            return false;
        }
        if !pay() {
            return false;
        }
        *office.left() = left - 1;
        true
    }
}

pub mod solution {
    use super::*;

    /// Sells one ticket to a customer who can pay. Returns whether it was sold.
    pub fn buy(office: &BoxOffice, pay: impl FnOnce() -> bool) -> bool {
        if !take(office) {
            return false;
        }
        // No lock is held here. The ticket is out of the count already, so no
        // other customer can take it, and none has to wait for this one.
        let paid = pay();
        if !paid {
            *office.left() += 1;
        }
        paid
    }

    /// Looks and takes under one guard. Nobody comes between the two.
    fn take(office: &BoxOffice) -> bool {
        let mut left = office.left();
        if *left == 0 {
            return false;
        }
        *left -= 1;
        true
    }
}

/// You look once more after the customer has paid, and sell only if there is
/// still a ticket. Now no ticket is sold twice, but the second of two customers
/// has paid by then, and you send them away with neither ticket nor money.
///
/// Caught by `the_last_ticket_is_sold_once`.
pub mod wrong_looks_again_after_paying {
    use super::*;

    pub fn buy(office: &BoxOffice, pay: impl FnOnce() -> bool) -> bool {
        if *office.left() == 0 || !pay() {
            return false;
        }
        let mut left = office.left();
        if *left == 0 {
            return false;
        }
        *left -= 1;
        true
    }
}

/// You take the guard before you look and keep it until the ticket is sold. Your
/// count is right, because no other customer can even look at it: while one of
/// them searches for a card, the whole box office stands still.
///
/// Caught by `no_sale_is_forgotten_while_a_customer_pays`.
pub mod wrong_lock_held_while_paying {
    use super::*;

    pub fn buy(office: &BoxOffice, pay: impl FnOnce() -> bool) -> bool {
        let mut left = office.left();
        if *left == 0 || !pay() {
            return false;
        }
        *left -= 1;
        true
    }
}

/// You take the ticket first, and when the card is refused, you write back the
/// number that you saw at the beginning. What others bought in the meantime comes
/// back with it, and their seats are sold a second time.
///
/// Caught by `a_refused_card_takes_no_ticket`.
pub mod wrong_writes_back_the_old_number {
    use super::*;

    pub fn buy(office: &BoxOffice, pay: impl FnOnce() -> bool) -> bool {
        let mut left = office.left();
        let before = *left;
        if before == 0 {
            return false;
        }
        *left -= 1;
        drop(left);
        let paid = pay();
        if !paid {
            *office.left() = before;
        }
        paid
    }
}

#[cfg(test)]
mod tests {
    use super::solution::*;
    use super::*;
    use std::sync::{Arc, mpsc};
    use std::thread;
    use std::time::Duration;

    #[test]
    fn a_ticket_is_sold_while_there_is_one() {
        let office = BoxOffice::new(1);
        assert!(buy(&office, || true), "there was one, and it was not sold");
        assert_eq!(*office.left(), 0, "it was sold, and is still there");
        let no_one_pays = || panic!("a customer was asked to pay for nothing");
        assert!(!buy(&office, no_one_pays), "none was left");
    }

    #[test]
    fn the_last_ticket_is_sold_once() {
        let office = Arc::new(BoxOffice::new(1));
        let mut second = false;
        let first = buy(&office, || {
            second = meanwhile(&office, |office| buy(office, || true));
            true
        });
        let sold = usize::from(first) + usize::from(second);
        assert_eq!(sold, 1, "there was one ticket, and {sold} were sold");
        assert!(first, "the first customer paid, and got no ticket for it");
        assert_eq!(*office.left(), 0);
    }

    #[test]
    fn no_sale_is_forgotten_while_a_customer_pays() {
        let office = Arc::new(BoxOffice::new(10));
        buy(&office, || {
            meanwhile(&office, |office| (0..3).all(|_| buy(office, || true)));
            true
        });
        let left = *office.left();
        assert_eq!(left, 6, "4 of 10 were sold, and the count says {left}");
    }

    #[test]
    fn a_refused_card_takes_no_ticket() {
        let office = Arc::new(BoxOffice::new(2));
        let sold = buy(&office, || {
            meanwhile(&office, |office| buy(office, || true));
            false
        });
        assert!(!sold, "the card was refused");
        let left = *office.left();
        assert_eq!(
            left, 1,
            "one of two was sold while a card was refused, and the count says \
             {left}"
        );
    }

    /// What another customer does, on a thread of its own, while the first one
    /// is paying. The thread is not joined: it could be waiting for the first.
    fn meanwhile(
        office: &Arc<BoxOffice>,
        customer: impl FnOnce(&BoxOffice) -> bool + Send + 'static,
    ) -> bool {
        let office = Arc::clone(office);
        let (done, wait) = mpsc::channel();
        thread::spawn(move || done.send(customer(&office)));
        wait.recv_timeout(Duration::from_secs(3))
            .expect("no other customer could buy while one was paying")
    }
}
