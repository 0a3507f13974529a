// Pieces of unequal size, handed out in four ways: in blocks, dealt like cards,
// taken one by one, and by rayon.
//
// The pieces that are taken one by one are checked by shuttle, which includes
// this file and runs every order of a few of them. What rayon does is not.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::thread::{self, ScopedJoinHandle};

use rayon::prelude::*;
use tracing::info_span;

/// So many pieces.
pub const PIECES: u64 = 400;

// ANCHOR: piece
/// The last piece takes as many times as long as the first as there are pieces.
fn piece(number: u64) -> u64 {
    let _piece = info_span!("piece").entered();
    let steps = (number + 1) * 1_500;
    (0..steps).fold(number, |mixed, _| {
        (mixed ^ (mixed >> 29)).wrapping_mul(0x9E37_79B9_7F4A_7C15)
    })
}
// ANCHOR_END: piece

pub fn sequential(pieces: u64) -> u64 {
    (0..pieces).map(piece).fold(0, u64::wrapping_add)
}

// ANCHOR: blocks
/// A block of neighbors for each thread, all of them as long.
pub fn blocks(pieces: u64, threads: u64) -> u64 {
    on_threads(threads, |thread| {
        let first = pieces * thread / threads;
        let end = pieces * (thread + 1) / threads;
        (first..end).map(piece).fold(0, u64::wrapping_add)
    })
}
// ANCHOR_END: blocks

// ANCHOR: dealt
/// One piece for the first thread, one for the second, and so on.
pub fn dealt(pieces: u64, threads: u64) -> u64 {
    on_threads(threads, |thread| {
        let own = (thread..pieces).step_by(threads as usize);
        own.map(piece).fold(0, u64::wrapping_add)
    })
}
// ANCHOR_END: dealt

// ANCHOR: taken
/// A thread takes the next piece when it is done with its last.
pub fn taken(pieces: u64, threads: u64) -> u64 {
    let next = AtomicU64::new(0);
    on_threads(threads, |_| {
        let mut sum = 0_u64;
        loop {
            let number = next.fetch_add(1, Relaxed);
            if number >= pieces {
                return sum;
            }
            sum = sum.wrapping_add(piece(number));
        }
    })
}
// ANCHOR_END: taken

// ANCHOR: rayon
/// rayon splits the pieces in halves, and threads that are done steal.
pub fn stolen(pieces: u64, threads: usize) -> u64 {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads);
    let pool = pool.build().expect("the system has threads left");
    pool.install(|| {
        let pieces = (0..pieces).into_par_iter().map(piece);
        pieces.reduce(|| 0, u64::wrapping_add)
    })
}
// ANCHOR_END: rayon

/// The sum of what each thread returns; the first is number 0.
fn on_threads(threads: u64, work: impl Fn(u64) -> u64 + Sync) -> u64 {
    let work = &work;
    thread::scope(|scope| {
        let started: Vec<ScopedJoinHandle<'_, u64>> =
            (0..threads).map(|n| scope.spawn(move || work(n))).collect();
        let sums = started.into_iter().map(|t| t.join().expect(CALM));
        sums.fold(0, u64::wrapping_add)
    })
}

const CALM: &str = "no piece panics";

// ANCHOR: main
pub fn main() {
    let pieces = PIECES / 4;
    println!("one after the other: {:016x}", sequential(pieces));
    println!("in two blocks:       {:016x}", blocks(pieces, 2));
    println!("dealt to two:        {:016x}", dealt(pieces, 2));
    println!("taken by two:        {:016x}", taken(pieces, 2));
    println!("stolen, by two:      {:016x}", stolen(pieces, 2));
}
// ANCHOR_END: main

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_piece_is_done_once_however_it_is_handed_out() {
        for pieces in [0, 1, 2, 7, 20] {
            let expected = sequential(pieces);
            for threads in [1, 2, 3, 8] {
                assert_eq!(blocks(pieces, threads), expected);
                assert_eq!(dealt(pieces, threads), expected);
                assert_eq!(taken(pieces, threads), expected);
                assert_eq!(stolen(pieces, threads as usize), expected);
            }
        }
    }
}
