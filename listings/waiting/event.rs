// An event: it has happened or not, and whoever waits for it goes on together.
//
// Checked by shuttle, which includes this file and runs every order of its
// steps.
//
// Runs on the Playground.

use std::sync::{Condvar, Mutex};
use std::thread;

// ANCHOR: event
#[derive(Default)]
pub struct Event {
    happened: Mutex<bool>,
    news: Condvar,
}

impl Event {
    /// Lets all go on, those who wait now and those who come later.
    pub fn set(&self) {
        *self.happened.lock().expect(CALM) = true;
        self.news.notify_all();
    }

    /// Comes back at once if it has happened.
    pub fn wait(&self) {
        let happened = self.happened.lock().expect(CALM);
        let waited = self.news.wait_while(happened, |happened| !*happened);
        drop(waited.expect(CALM));
    }
}
// ANCHOR_END: event

const CALM: &str = "nobody panics at the start";

// ANCHOR: race
/// Runners who wait for one shot. Returns how many came in.
pub fn race(runners: usize) -> usize {
    let shot = Event::default();
    thread::scope(|scope| {
        let running: Vec<_> =
            (0..runners).map(|_| scope.spawn(|| shot.wait())).collect();
        shot.set();
        running.into_iter().filter_map(|runner| runner.join().ok()).count()
    })
}
// ANCHOR_END: race

// ANCHOR: main
pub fn main() {
    println!("started together, and in: {}", race(8));
}
// ANCHOR_END: main

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_left_at_the_start() {
        for _ in 0..100 {
            assert_eq!(race(4), 4);
        }
    }

    #[test]
    fn who_comes_later_does_not_wait() {
        let shot = Event::default();
        shot.set();
        shot.wait();
        shot.wait();
    }
}
