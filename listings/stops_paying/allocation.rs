// Many small pieces of memory, asked for and given back by threads, from two
// allocators.
//
// Tested on real threads: what happens inside of an allocator, no checker of
// orders sees.

use std::alloc::{GlobalAlloc, Layout, System};
use std::collections::VecDeque;
use std::sync::mpsc;
use std::thread;

use mimalloc::MiMalloc;

/// So many pieces are asked for and given back, by all threads together.
pub const PIECES: usize = 6_000_000;
/// So many of a thread's pieces are in use at a time.
const IN_USE: usize = 1_000;

// ANCHOR: piece
/// A piece of memory, and the allocator that it goes back to.
struct Piece<A: GlobalAlloc + 'static> {
    memory: *mut u8,
    layout: Layout,
    from: &'static A,
}

impl<A: GlobalAlloc> Piece<A> {
    /// Asks for so many bytes, more than none, and writes the first.
    fn ask(from: &'static A, bytes: usize) -> Piece<A> {
        let layout = Layout::from_size_align(bytes, 8).expect("it is small");
        // SAFETY: the size is not zero.
        let memory = unsafe { from.alloc(layout) };
        assert!(!memory.is_null(), "there is no memory left");
        // SAFETY: the memory is ours, and has at least one byte.
        unsafe { memory.write(1) };
        Piece { memory, layout, from }
    }
}

impl<A: GlobalAlloc> Drop for Piece<A> {
    fn drop(&mut self) {
        // SAFETY: this allocator gave it, with this layout, and only once is a
        // piece dropped.
        unsafe { self.from.dealloc(self.memory, self.layout) }
    }
}

// SAFETY: a piece is its owner's alone, and `GlobalAlloc` may be called by any
// thread.
unsafe impl<A: GlobalAlloc + Sync> Send for Piece<A> {}
// ANCHOR_END: piece

// ANCHOR: own
/// Each thread gives back what it has asked for itself, the oldest first.
fn own<A: GlobalAlloc + Sync>(
    from: &'static A,
    pieces: usize,
    threads: usize,
) -> usize {
    let worker = |n: usize| {
        let share = pieces * n / threads..pieces * (n + 1) / threads;
        let mut in_use = VecDeque::with_capacity(IN_USE + 1);
        for n in share.clone() {
            in_use.push_back(Piece::ask(from, size_of_piece(n)));
            if in_use.len() > IN_USE {
                in_use.pop_front();
            }
        }
        share.len()
    };
    thread::scope(|scope| {
        let started: Vec<_> =
            (0..threads).map(|n| scope.spawn(move || worker(n))).collect();
        started.into_iter().map(|t| t.join().expect("enough memory")).sum()
    })
}
// ANCHOR_END: own

// ANCHOR: passed
/// One thread asks, and another one gives back. Returns how many came back.
fn passed<A: GlobalAlloc + Sync>(from: &'static A, pieces: usize) -> usize {
    let (hand_on, handed) = mpsc::sync_channel::<Vec<Piece<A>>>(4);
    thread::scope(|scope| {
        scope.spawn(move || {
            for first in (0..pieces).step_by(IN_USE) {
                let some = first..pieces.min(first + IN_USE);
                let some = some.map(|n| Piece::ask(from, size_of_piece(n)));
                hand_on.send(some.collect()).expect("they are received");
            }
        });
        // Each list is dropped here, and its pieces go back.
        handed.into_iter().map(|pieces| pieces.len()).sum()
    })
}
// ANCHOR_END: passed

/// From 16 bytes to 256, in no order.
fn size_of_piece(n: usize) -> usize {
    16 + n * 7919 % 241
}

static MIMALLOC: MiMalloc = MiMalloc;
static SYSTEM: System = System;

pub fn system(pieces: usize, threads: usize) -> usize {
    own(&SYSTEM, pieces, threads)
}

pub fn mimalloc(pieces: usize, threads: usize) -> usize {
    own(&MIMALLOC, pieces, threads)
}

pub fn system_passed(pieces: usize) -> usize {
    passed(&SYSTEM, pieces)
}

pub fn mimalloc_passed(pieces: usize) -> usize {
    passed(&MIMALLOC, pieces)
}

pub fn main() {
    println!("{} pieces, by two threads", system(PIECES / 10, 2));
    println!("{} pieces, from mimalloc", mimalloc(PIECES / 10, 2));
    println!("{} pieces, passed on", system_passed(PIECES / 10));
    println!("{} pieces, from mimalloc", mimalloc_passed(PIECES / 10));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_piece_comes_from_either_allocator_and_goes_back() {
        for threads in [1, 2, 3] {
            assert_eq!(system(5_003, threads), 5_003);
            assert_eq!(mimalloc(5_003, threads), 5_003);
        }
        assert_eq!(system_passed(5_003), 5_003);
        assert_eq!(mimalloc_passed(5_003), 5_003);
    }

    #[test]
    fn a_piece_has_the_bytes_that_were_asked_for() {
        for from in [&SYSTEM as &dyn GlobalAlloc, &MIMALLOC] {
            let layout = Layout::from_size_align(256, 8).unwrap();
            // SAFETY: the size is not zero; all bytes are written, then read; it
            // goes back to where it came from.
            unsafe {
                let memory = from.alloc(layout);
                memory.write_bytes(7, 256);
                assert_eq!(memory.add(255).read(), 7);
                from.dealloc(memory, layout);
            }
        }
    }
}
