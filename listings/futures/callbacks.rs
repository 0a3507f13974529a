// Two questions, one after the other, with callbacks: the program is cut up
// where it waits.
//
// One thread and a queue: there is nothing for a model checker.
//
// Runs on the Playground.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

// ANCHOR: station
type Callback = Box<dyn FnOnce(u32)>;

/// Questions that wait for their answer, and what to call with it.
#[derive(Clone, Default)]
pub struct Station(Rc<RefCell<VecDeque<(u32, Callback)>>>);

impl Station {
    /// Returns at once. The callback gets the answer when it comes.
    pub fn ask(&self, question: u32, then: impl FnOnce(u32) + 'static) {
        self.0.borrow_mut().push_back((question, Box::new(then)));
    }

    /// The event loop: answers until there is no question left.
    pub fn run(&self) {
        loop {
            let next = self.0.borrow_mut().pop_front();
            let Some((question, then)) = next else { return };
            then(question * 10);
        }
    }
}
// ANCHOR_END: station

// ANCHOR: sum
/// Asks twice, and prints the sum of the answers.
pub fn print_sum(station: &Station, first: u32, second: u32) {
    let again = station.clone();
    station.ask(first, move |one| {
        again.ask(second, move |two| {
            println!("{one} + {two} = {}", one + two);
        });
    });
}
// ANCHOR_END: sum

// ANCHOR: main
pub fn main() {
    let station = Station::default();
    print_sum(&station, 1, 2);
    print_sum(&station, 3, 4);
    println!("asked");
    station.run();
}
// ANCHOR_END: main

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_callback_is_called_by_the_loop_and_not_before() {
        let (station, heard) = (Station::default(), Rc::default());
        let hears: Rc<RefCell<Vec<u32>>> = Rc::clone(&heard);
        station.ask(4, move |answer| hears.borrow_mut().push(answer));
        assert!(heard.borrow().is_empty());
        station.run();
        assert_eq!(*heard.borrow(), [40]);
    }

    #[test]
    fn the_loop_ends_when_every_question_is_answered() {
        main();
    }
}
