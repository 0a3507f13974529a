// A buffer with room for so many items: whoever finds it full waits, and
// whoever finds it empty.
//
// Checked by shuttle, which includes this file and runs every order of its
// steps.
//
// Runs on the Playground.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex};
use std::thread;
use std::time::Duration;

use tracing::{info_span, trace};

// ANCHOR: buffer
pub struct Buffer<T> {
    items: Mutex<VecDeque<T>>,
    room: usize,
    not_full: Condvar,
    not_empty: Condvar,
}

impl<T> Buffer<T> {
    /// Waits while there is no room.
    pub fn put(&self, item: T) {
        let mut items = self.items.lock().expect(CALM);
        while items.len() == self.room {
            let _asleep = info_span!("wait", until = "room").entered();
            items = self.not_full.wait(items).expect(CALM);
        }
        items.push_back(item);
        trace!(wakes = "an item");
        self.not_empty.notify_one();
    }

    /// Waits while there is nothing.
    pub fn take(&self) -> T {
        let mut items = self.items.lock().expect(CALM);
        loop {
            if let Some(item) = items.pop_front() {
                trace!(wakes = "room");
                self.not_full.notify_one();
                return item;
            }
            let _asleep = info_span!("wait", until = "an item").entered();
            items = self.not_empty.wait(items).expect(CALM);
        }
    }
}
// ANCHOR_END: buffer

impl<T> Buffer<T> {
    pub fn with_room(room: usize) -> Buffer<T> {
        Buffer {
            items: Mutex::new(VecDeque::with_capacity(room)),
            room,
            not_full: Condvar::new(),
            not_empty: Condvar::new(),
        }
    }
}

const CALM: &str = "nobody panics at the buffer";

// ANCHOR: through
/// So many threads put two items each, through room for one. Returns how many
/// are taken.
pub fn through(threads: usize) -> usize {
    let buffer = Buffer::with_room(1);
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| (0..2).for_each(|item| buffer.put(item)));
        }
        let taken: Vec<_> = (0..2 * threads).map(|_| buffer.take()).collect();
        taken.len()
    })
}
// ANCHOR_END: through

// ANCHOR: shop
/// Bread comes from the oven four at a time, and is sold one by one, at a
/// stated pace. Returns how much was sold.
pub fn shop(batches: u32, room: usize) -> usize {
    let (oven, counter) = (Duration::from_millis(12), Duration::from_millis(4));
    let shelf = Buffer::with_room(room);
    let bake = || {
        trace!(name = "baker");
        for batch in 0..batches {
            info_span!("wait for the oven", ended_by = "the clock")
                .in_scope(|| thread::sleep(oven));
            let _shelving = info_span!("put on the shelf").entered();
            (0..4).for_each(|loaf| shelf.put(4 * batch + loaf));
        }
    };
    let sell = || {
        trace!(name = "seller");
        for _ in 0..4 * batches {
            shelf.take();
            info_span!("wait for the customer", ended_by = "the clock")
                .in_scope(|| thread::sleep(counter));
        }
        4 * batches as usize
    };
    thread::scope(|scope| {
        scope.spawn(bake);
        sell()
    })
}
// ANCHOR_END: shop

// ANCHOR: main
pub fn main() {
    let buffer = Buffer::with_room(2);
    let sum: u64 = thread::scope(|scope| {
        scope.spawn(|| (1..=50).for_each(|n| buffer.put(n)));
        scope.spawn(|| (51..=100).for_each(|n| buffer.put(n)));
        (0..100).map(|_| buffer.take()).sum()
    });
    println!("taken: 100 numbers, sum {sum}");
}
// ANCHOR_END: main

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_item_is_taken_once_through_any_room() {
        for room in [1, 2, 7] {
            let buffer = Buffer::with_room(room);
            let taken: u64 = thread::scope(|scope| {
                let take = || (0..500).map(|_| buffer.take()).sum::<u64>();
                let takers = [scope.spawn(take), scope.spawn(take)];
                (0..1_000).for_each(|n| buffer.put(n));
                takers.map(|taker| taker.join().unwrap()).iter().sum()
            });
            assert_eq!(taken, 499_500);
        }
    }

    #[test]
    fn all_bread_is_sold_whatever_the_room() {
        assert_eq!([1, 8].map(|room| shop(2, room)), [8, 8]);
    }

    #[test]
    fn items_leave_in_the_order_in_which_they_came() {
        let buffer = Buffer::with_room(3);
        thread::scope(|scope| {
            scope.spawn(|| (0..100).for_each(|n| buffer.put(n)));
            (0..100).for_each(|n| assert_eq!(buffer.take(), n));
        });
    }
}
