//! Waiting for several things at once: an order, the end, or time that passes.
//!
//! Checked by its tests alone: shuttle knows std's channels, not these, and it
//! knows no time.
//!
//! Runs on the Playground.

use std::thread;
use std::time::Duration;

use crossbeam_channel::{
    Receiver, RecvTimeoutError, after, bounded, never, select, tick,
};

// ANCHOR: kitchen
/// What a cook saw, in the order in which it happened.
#[derive(Debug, PartialEq, Eq)]
pub enum Event {
    Order(String),
    /// Nothing was ordered for so long.
    Quiet,
    Closed,
}

/// Cooks what is ordered until somebody closes, and says so if nobody orders
/// anything.
pub fn cook(
    orders: Receiver<String>,
    close: Receiver<()>,
    patience: Duration,
) -> Vec<Event> {
    let (mut events, mut orders) = (Vec::new(), orders);
    loop {
        select! {
            recv(orders) -> order => match order {
                Ok(order) => events.push(Event::Order(order)),
                // All who order have left. An ended channel is always ready:
                // from now on listen to one that never is.
                Err(_) => orders = never(),
            },
            recv(close) -> _ => {
                events.push(Event::Closed);
                return events;
            }
            default(patience) => events.push(Event::Quiet),
        }
    }
}
// ANCHOR_END: kitchen

// ANCHOR: one
/// One channel and a limit need no `select!`.
pub fn first_order(
    orders: &Receiver<String>,
    limit: Duration,
) -> Result<String, RecvTimeoutError> {
    orders.recv_timeout(limit)
}
// ANCHOR_END: one

// ANCHOR: clocks
/// Time as a channel: beats at every interval, until the end comes.
pub fn beats(interval: Duration, length: Duration) -> usize {
    let (beat, end) = (tick(interval), after(length));
    let mut beats = 0;
    loop {
        select! {
            recv(beat) -> _ => beats += 1,
            recv(end) -> _ => return beats,
        }
    }
}
// ANCHOR_END: clocks

// ANCHOR: main
pub fn main() {
    let (order, orders) = bounded(0); // handed over in person
    let (close, closing) = bounded(0);
    let patience = Duration::from_millis(200);
    thread::scope(|scope| {
        let cook = scope.spawn(|| cook(orders, closing, patience));
        for dish in ["soup", "bread"] {
            order.send(dish.to_string()).expect("the cook is there");
        }
        thread::sleep(patience * 3 / 2); // nobody orders anything
        close.send(()).expect("the cook is there");
        println!("{:?}", cook.join().expect("cooking does not panic"));
    });
    let (_order, orders) = bounded(1);
    let limit = Duration::from_millis(1);
    println!("nobody orders: {:?}", first_order(&orders, limit));
}
// ANCHOR_END: main

#[cfg(test)]
mod tests {
    use super::*;

    const LONG: Duration = Duration::from_secs(600);

    #[test]
    fn orders_are_cooked_until_somebody_closes() {
        let ((order, orders), (close, closing)) = (bounded(0), bounded(0));
        thread::scope(|scope| {
            let cook = scope.spawn(|| cook(orders, closing, LONG));
            order.send("soup".to_string()).unwrap();
            drop(order); // and still it waits for the end
            close.send(()).unwrap();
            let events = cook.join().unwrap();
            assert_eq!(events, [Event::Order("soup".into()), Event::Closed]);
        });
    }

    #[test]
    fn quiet_is_noticed() {
        let ((order, orders), (close, closing)) = (bounded(0), bounded(0));
        thread::scope(|scope| {
            // With no patience at all every look at two empty channels is one.
            let cook = scope.spawn(|| cook(orders, closing, Duration::ZERO));
            order.send("soup".to_string()).unwrap();
            close.send(()).unwrap();
            let events = cook.join().unwrap();
            assert_eq!(events.last(), Some(&Event::Closed));
            assert!(events.contains(&Event::Order("soup".into())));
        });
    }

    #[test]
    fn a_limit_ends_the_wait_and_an_end_is_told_from_it() {
        let (order, orders) = bounded(1);
        let brief = Duration::from_millis(1);
        assert_eq!(first_order(&orders, brief), Err(RecvTimeoutError::Timeout));
        drop(order);
        let ended = first_order(&orders, LONG);
        assert_eq!(ended, Err(RecvTimeoutError::Disconnected));
    }

    #[test]
    fn the_end_comes_though_there_are_beats() {
        let beats = beats(Duration::from_millis(2), Duration::from_millis(20));
        assert!(beats <= 10, "{beats} beats");
    }
}
