// Two threads pass a turn back and forth, in six ways.
//
// Checked by shuttle, which includes this file and draws orders of a few round
// trips. The two ways that spin are left to their tests.
//
// Runs on the Playground.

use std::hint::spin_loop;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::*};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Barrier, Condvar, Mutex, OnceLock};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

// ANCHOR: turn
/// It is on one of two sides.
pub trait Turn: Sync {
    /// Said by each side in its own thread, before the first round trip.
    fn sit_down(&self, _side: usize) {}

    fn pass_to(&self, side: usize);

    /// Waits until the turn is on this side.
    fn wait_on(&self, side: usize);
}
// ANCHOR_END: turn

// ANCHOR: round_trips
/// Passes the turn over and waits until it is back, so many times, but for a
/// quarter of a second at most. Returns how long each round trip took.
pub fn round_trips(turn: &impl Turn, most: usize) -> Vec<Duration> {
    let (both, over) = (Barrier::new(2), AtomicBool::new(false));
    thread::scope(|scope| {
        scope.spawn(|| {
            turn.sit_down(1);
            both.wait();
            loop {
                turn.wait_on(1);
                if over.load(Relaxed) {
                    break;
                }
                turn.pass_to(0);
            }
        });
        turn.sit_down(0);
        both.wait();
        let begun = Instant::now();
        let mut trips = Vec::with_capacity(most);
        while trips.len() < most && begun.elapsed() < LONGEST {
            let passed = Instant::now();
            turn.pass_to(1);
            turn.wait_on(0);
            trips.push(passed.elapsed());
        }
        over.store(true, Relaxed);
        turn.pass_to(1);
        trips
    })
}
// ANCHOR_END: round_trips

/// Spinning on one core takes milliseconds for a round trip.
const LONGEST: Duration = Duration::from_millis(250);

// ANCHOR: spinning
/// Asks without a pause.
#[derive(Default)]
pub struct Spinning(AtomicUsize);

impl Turn for Spinning {
    fn pass_to(&self, side: usize) {
        self.0.store(side, Release);
    }

    fn wait_on(&self, side: usize) {
        while self.0.load(Acquire) != side {
            spin_loop();
        }
    }
}
// ANCHOR_END: spinning

// ANCHOR: yielding
/// Asks a hundred times, and from then on offers its core in between.
#[derive(Default)]
pub struct Yielding(AtomicUsize);

impl Turn for Yielding {
    fn pass_to(&self, side: usize) {
        self.0.store(side, Release);
    }

    fn wait_on(&self, side: usize) {
        let mut questions = 0;
        while self.0.load(Acquire) != side {
            questions += 1;
            if questions < 100 {
                spin_loop();
            } else {
                thread::yield_now();
            }
        }
    }
}
// ANCHOR_END: yielding

// ANCHOR: parking
#[derive(Default)]
pub struct Parking {
    turn: AtomicUsize,
    sides: [OnceLock<Thread>; 2],
}

impl Turn for Parking {
    fn sit_down(&self, side: usize) {
        self.sides[side].get_or_init(thread::current);
    }

    fn pass_to(&self, side: usize) {
        self.turn.store(side, Release);
        self.sides[side].get().expect("both sit").unpark();
    }

    fn wait_on(&self, side: usize) {
        while self.turn.load(Acquire) != side {
            thread::park();
        }
    }
}
// ANCHOR_END: parking

// ANCHOR: telling
#[derive(Default)]
pub struct Telling {
    turn: Mutex<usize>,
    passed: Condvar,
}

impl Turn for Telling {
    fn pass_to(&self, side: usize) {
        *self.turn.lock().expect(CALM) = side;
        self.passed.notify_one();
    }

    fn wait_on(&self, side: usize) {
        let turn = self.turn.lock().expect(CALM);
        let elsewhere = |turn: &mut usize| *turn != side;
        drop(self.passed.wait_while(turn, elsewhere).expect(CALM));
    }
}
// ANCHOR_END: telling

// ANCHOR: meeting
/// Both wait for each other, twice in a round trip.
pub struct Meeting(Barrier);

impl Default for Meeting {
    fn default() -> Meeting {
        Meeting(Barrier::new(2))
    }
}

impl Turn for Meeting {
    fn pass_to(&self, _: usize) {
        self.0.wait();
    }

    fn wait_on(&self, _: usize) {
        self.0.wait();
    }
}
// ANCHOR_END: meeting

// ANCHOR: sending
/// A channel to each side.
pub struct Sending {
    to: [Sender<()>; 2],
    at: [Mutex<Receiver<()>>; 2],
}

impl Default for Sending {
    fn default() -> Sending {
        let (here, there) = (mpsc::channel(), mpsc::channel());
        Sending {
            to: [here.0, there.0],
            at: [Mutex::new(here.1), Mutex::new(there.1)],
        }
    }
}

impl Turn for Sending {
    fn pass_to(&self, side: usize) {
        self.to[side].send(()).expect("both sit");
    }

    fn wait_on(&self, side: usize) {
        self.at[side].lock().expect(CALM).recv().expect("both sit");
    }
}
// ANCHOR_END: sending

const CALM: &str = "nobody panics over a turn";

// ANCHOR: main
pub fn main() {
    let counts = [
        round_trips(&Spinning::default(), 100).len(),
        round_trips(&Yielding::default(), 100).len(),
        round_trips(&Parking::default(), 100).len(),
        round_trips(&Telling::default(), 100).len(),
        round_trips(&Meeting::default(), 100).len(),
        round_trips(&Sending::default(), 100).len(),
    ];
    println!("all six came back: {}", counts.iter().all(|trips| *trips > 0));
}
// ANCHOR_END: main

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_turn_comes_back_each_time() {
        assert_eq!(round_trips(&Yielding::default(), 50).len(), 50);
        assert_eq!(round_trips(&Parking::default(), 50).len(), 50);
        assert_eq!(round_trips(&Telling::default(), 50).len(), 50);
        assert_eq!(round_trips(&Meeting::default(), 50).len(), 50);
        assert_eq!(round_trips(&Sending::default(), 50).len(), 50);
    }

    #[test]
    fn where_a_round_trip_takes_long_it_makes_fewer() {
        let begun = Instant::now();
        let trips = round_trips(&Spinning::default(), 1_000_000).len();
        assert!(trips > 0 && begun.elapsed() < 8 * LONGEST);
    }
}
