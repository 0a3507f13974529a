// Keys are pressed while a program computes: how long does each of them wait
// for its answer?
//
// Checked by shuttle, which includes this file: in every order that it tries,
// the program ends, and has answered its keys.
//
// Runs on the Playground.

use std::hint::black_box;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::mpsc::{self, Sender};
use std::thread;
use std::time::{Duration, Instant};

// ANCHOR: work
/// Work that takes a while, in slices that take a moment.
#[derive(Clone, Copy)]
pub struct Work {
    pub slices: u32,
    pub multiplications_in_a_slice: u32,
}

impl Work {
    fn slice(self) {
        let multiplications = 0..self.multiplications_in_a_slice;
        black_box(
            multiplications.fold(1_u64, |x, _| black_box(x.wrapping_mul(31))),
        );
    }

    fn all(self) {
        (0..self.slices).for_each(|_| self.slice());
    }
}
// ANCHOR_END: work

// ANCHOR: keyboard
/// Presses a key every five milliseconds until the work is over: sends the
/// moment at which the key was pressed.
fn press_keys(keyboard: Sender<Instant>, over: &AtomicBool) {
    let mut pressed = Instant::now();
    loop {
        pressed += Duration::from_millis(5);
        thread::sleep(pressed.saturating_duration_since(Instant::now()));
        if keyboard.send(pressed).is_err() || over.load(Relaxed) {
            return;
        }
    }
}
// ANCHOR_END: keyboard

// ANCHOR: same_thread
/// One thread does the work, and then looks at the keys.
pub fn same_thread(work: Work) -> Vec<Duration> {
    let (keyboard, keys) = mpsc::channel();
    let over = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| press_keys(keyboard, &over));
        work.all();
        over.store(true, Relaxed);
        keys.iter().map(answer).collect()
    })
}

/// Answers a key. Returns how long it waited.
fn answer(pressed: Instant) -> Duration {
    pressed.elapsed()
}
// ANCHOR_END: same_thread

// ANCHOR: own_thread
/// The work has a thread of its own; this one does nothing but answer keys.
pub fn own_thread(work: Work) -> Vec<Duration> {
    let (keyboard, keys) = mpsc::channel();
    let over = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| press_keys(keyboard, &over));
        scope.spawn(|| {
            work.all();
            over.store(true, Relaxed);
        });
        keys.iter().map(answer).collect()
    })
}
// ANCHOR_END: own_thread

// ANCHOR: in_slices
/// One thread, which looks at the keys between two slices of the work.
pub fn in_slices(work: Work) -> Vec<Duration> {
    let (keyboard, keys) = mpsc::channel();
    let over = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| press_keys(keyboard, &over));
        let mut waited = Vec::new();
        for _ in 0..work.slices {
            work.slice();
            waited.extend(keys.try_iter().map(answer));
        }
        over.store(true, Relaxed);
        waited.extend(keys.iter().map(answer));
        waited
    })
}
// ANCHOR_END: in_slices

/// Some tenths of a second, in slices of about a millisecond.
pub const WORK: Work =
    Work { slices: 200, multiplications_in_a_slice: 2_000_000 };

// ANCHOR: main
pub fn main() {
    type Form = fn(Work) -> Vec<Duration>;
    let forms: [(&str, Form); 3] = [
        ("same thread", same_thread),
        ("in slices", in_slices),
        ("own thread", own_thread),
    ];
    for (name, form) in forms {
        let longest = form(WORK).into_iter().max().unwrap_or_default();
        println!("{name:12} a key waits for up to {longest:.1?}");
    }
}
// ANCHOR_END: main

#[cfg(test)]
mod tests {
    use super::*;

    const LITTLE: Work = Work { slices: 20, multiplications_in_a_slice: 1_000 };

    #[test]
    fn every_form_ends_and_has_answered_some_key() {
        for form in [same_thread, own_thread, in_slices] {
            assert!(!form(LITTLE).is_empty());
        }
    }
}
