// The buffer with `if` where `while` belongs: it takes what is not there.
//
// Checked by shuttle, which includes this file and finds the order in which a
// thread wakes up too late.
//
// Runs on the Playground.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex};
use std::thread;

use tracing::info;

// ANCHOR: take
#[derive(Default)]
pub struct Buffer {
    items: Mutex<VecDeque<u32>>,
    not_empty: Condvar,
}

impl Buffer {
    pub fn put(&self, item: u32) {
        let mut items = self.items.lock().expect(CALM);
        items.push_back(item);
        info!("put {item}");
        self.not_empty.notify_one();
    }

    pub fn take(&self, who: &str) -> u32 {
        let mut items = self.items.lock().expect(CALM);
        if items.is_empty() {
            info!("{who} finds nothing, and waits");
            items = self.not_empty.wait(items).expect(CALM);
            info!("{who} is told that there is something");
        }
        let item = items.pop_front();
        info!("{who} takes {item:?}");
        item.expect("there is something")
    }
}
// ANCHOR_END: take

const CALM: &str = "nobody panics at the buffer";

/// Two threads take what a third puts.
pub fn two_takers() -> u32 {
    let buffer = Buffer::default();
    thread::scope(|scope| {
        let takers = ["one", "two"].map(|who| scope.spawn(|| buffer.take(who)));
        buffer.put(1);
        buffer.put(2);
        takers.map(|taker| taker.join().expect(CALM)).iter().sum()
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
