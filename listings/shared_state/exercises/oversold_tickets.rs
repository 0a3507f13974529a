//! # Two customers, one ticket
//!
//! 15 minutes
//!
//! The box office has been audited: it has sold more tickets than there are
//! seats. Every line of `buy` is careful, and every access to the count is
//! locked. Find the mistake and repair it.
//!
//! While a customer looks for a card, which is what `pay` stands for, others
//! must be able to buy. A customer whose card is refused takes no ticket. Nobody
//! is asked to pay where nothing is left. The tests choose the moment: their
//! customers do something while they are paying.
//!
//! Hint: Which two lines rely on each other, and who can come between them? A
//! guard that is held for as long as somebody pays is no way out, since then
//! all others wait. Take the ticket first. It can be put back.

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
        // No lock is held here: the ticket is out of the count already, so
        // that nobody else can take it, and nobody waits for this customer.
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

#[cfg(test)]
mod tests {
    use super::solution::*;
    use super::*;
    use std::sync::mpsc;
    use std::thread;
    use std::time::Duration;

    #[test]
    fn a_ticket_is_sold_while_there_is_one() {
        let office = BoxOffice::new(1);
        assert!(buy(&office, || true), "there was one, and it was not sold");
        assert_eq!(*office.left(), 0, "it was sold, and is still there");
        let nobody_pays = || panic!("somebody was asked to pay for nothing");
        assert!(!buy(&office, nobody_pays), "none was left");
    }

    #[test]
    fn the_last_ticket_is_sold_once() {
        let office = BoxOffice::new(1);
        let mut second = false;
        let first = buy(&office, || {
            second = meanwhile(|| buy(&office, || true));
            true
        });
        let sold = usize::from(first) + usize::from(second);
        assert_eq!(sold, 1, "there was one ticket, and {sold} were sold");
        assert_eq!(*office.left(), 0);
    }

    #[test]
    fn no_sale_is_forgotten_while_a_customer_pays() {
        let office = BoxOffice::new(10);
        buy(&office, || {
            meanwhile(|| (0..3).all(|_| buy(&office, || true)));
            true
        });
        let left = *office.left();
        assert_eq!(left, 6, "4 of 10 were sold, and the count says {left}");
    }

    #[test]
    fn a_refused_card_takes_no_ticket() {
        let office = BoxOffice::new(2);
        let sold = buy(&office, || {
            meanwhile(|| buy(&office, || true));
            false
        });
        assert!(!sold, "the card was refused");
        assert_eq!(*office.left(), 1, "one of two was sold");
    }

    /// What another customer does, in a thread of their own, while the first
    /// one is paying.
    fn meanwhile<T: Send>(customer: impl FnOnce() -> T + Send) -> T {
        thread::scope(|scope| {
            let (done, wait) = mpsc::channel();
            scope.spawn(move || done.send(customer()));
            wait.recv_timeout(Duration::from_secs(5))
                .expect("nobody else could buy while one customer was paying")
        })
    }
}
