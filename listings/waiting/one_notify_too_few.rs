// The buffer that wakes a taker only if it was empty: one sleeps on, beside an
// item.
//
// Checked by shuttle, which includes this file and finds the order in which it
// gets stuck.
//
// Runs on the Playground.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex};
use std::thread;

use tracing::info;

#[derive(Default)]
pub struct Buffer {
    items: Mutex<VecDeque<u32>>,
    not_empty: Condvar,
}

impl Buffer {
    // ANCHOR: put
    pub fn put(&self, item: u32) {
        let mut items = self.items.lock().expect(CALM);
        items.push_back(item);
        info!("put {item}");
        if items.len() == 1 {
            info!("it was empty: wakes one");
            self.not_empty.notify_one();
        }
    }
    // ANCHOR_END: put

    pub fn take(&self, who: &str) -> u32 {
        let mut items = self.items.lock().expect(CALM);
        loop {
            if let Some(item) = items.pop_front() {
                info!("{who} takes {item}");
                return item;
            }
            info!("{who} finds nothing, and waits");
            items = self.not_empty.wait(items).expect(CALM);
        }
    }
}

const CALM: &str = "nobody panics at the buffer";

/// Two threads take what a third puts. Returns how many items were taken.
pub fn two_takers() -> usize {
    let buffer = Buffer::default();
    thread::scope(|scope| {
        let takers = ["one", "two"].map(|who| scope.spawn(|| buffer.take(who)));
        buffer.put(1);
        buffer.put(2);
        takers.into_iter().filter_map(|taker| taker.join().ok()).count()
    })
}

pub fn main() {
    let buffer = Buffer::default();
    buffer.put(1);
    println!("taken: {}", buffer.take("one"));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_there_is_taken() {
        let buffer = Buffer::default();
        buffer.put(7);
        assert_eq!(buffer.take("one"), 7);
    }
}
