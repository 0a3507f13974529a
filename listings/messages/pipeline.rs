// Pages are scanned, sharpened and stored: one step after the other, and as a
// pipeline of three threads.
//
// The scanner and the disk are waits of a stated length; sharpening computes.
//
// Checked by shuttle, which includes this file and runs every order of one
// page, and drawn orders of four.
//
// Runs on the Playground.

use std::iter;
use std::sync::mpsc::{self, Receiver, SyncSender};
use std::thread;
use std::time::Duration;

use tracing::{info_span, trace};

// ANCHOR: batch
/// How much there is to do.
#[derive(Clone, Copy)]
pub struct Batch {
    pub pages: u32,
    /// Bytes in each.
    pub bytes: usize,
    /// How long scanner and disk take over each.
    pub device: Duration,
}

impl Batch {
    pub const MEASURED: Batch = Batch {
        pages: 20,
        bytes: 128 * 1024,
        device: Duration::from_millis(4),
    };
}

pub struct Page {
    number: u32,
    pixels: Vec<u8>,
}
// ANCHOR_END: batch

// ANCHOR: steps
fn scan(batch: Batch, number: u32) -> Page {
    let _waiting =
        info_span!("wait for scanner", page = number, ended_by = "the clock")
            .entered();
    thread::sleep(batch.device);
    let mut light = number;
    let mut pixel = || {
        light = light.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        light.to_le_bytes()[3]
    };
    Page { number, pixels: (0..batch.bytes).map(|_| pixel()).collect() }
}

/// Moves each pixel away from the mean of its neighbors.
fn sharpen(mut page: Page) -> Page {
    let _computing = info_span!("sharpen", page = page.number).entered();
    for _ in 0..ROUNDS {
        let mut before = i32::from(page.pixels[0]);
        for at in 1..page.pixels.len() - 1 {
            let pixel = i32::from(page.pixels[at]);
            let mean = (before + i32::from(page.pixels[at + 1])) / 2;
            page.pixels[at] = (pixel + (pixel - mean) / 4).clamp(0, 255) as u8;
            before = pixel;
        }
    }
    page
}

/// Returns what was stored: the page's number and the sum of its pixels.
fn store(batch: Batch, page: &Page) -> (u32, u64) {
    let _waiting =
        info_span!("wait for disk", page = page.number, ended_by = "the clock")
            .entered();
    thread::sleep(batch.device);
    (page.number, page.pixels.iter().map(|pixel| u64::from(*pixel)).sum())
}
// ANCHOR_END: steps

const ROUNDS: usize = 6;

// ANCHOR: sequential
/// A page is stored before the next is scanned.
pub fn sequential(batch: Batch) -> Vec<(u32, u64)> {
    let pages = (0..batch.pages).map(|number| scan(batch, number));
    pages.map(|page| store(batch, &sharpen(page))).collect()
}
// ANCHOR_END: sequential

// ANCHOR: between
/// Sends a page, and waits where there is no room. False if nobody is left who
/// would take it.
fn hand_on(to: &SyncSender<Page>, page: Page, what: Name) -> bool {
    trace!(sends = what.page);
    let _waiting = info_span!("wait for room", until = what.room).entered();
    to.send(page).is_ok()
}

/// The pages, as they come. To take one makes room for the next.
fn arriving(from: Receiver<Page>, what: Name) -> impl Iterator<Item = Page> {
    iter::from_fn(move || {
        trace!(wakes = what.room);
        let _waiting = info_span!("wait for page", until = what.page).entered();
        from.recv().ok()
    })
}
// ANCHOR_END: between

/// What goes through a channel, and what it needs there: for the timeline.
#[derive(Clone, Copy)]
struct Name {
    page: &'static str,
    room: &'static str,
}

const SCANNED: Name =
    Name { page: "scanned page", room: "room for a scanned page" };
const SHARPENED: Name =
    Name { page: "sharpened page", room: "room for a sharpened page" };

// ANCHOR: pipeline
/// A thread for each step, and between two of them a channel that holds this
/// many pages.
pub fn pipeline(batch: Batch, capacity: usize) -> Vec<(u32, u64)> {
    let (scanned, to_sharpen) = mpsc::sync_channel(capacity);
    let (sharpened, to_store) = mpsc::sync_channel(capacity);
    thread::scope(|scope| {
        scope.spawn(move || {
            trace!(name = "scan");
            for number in 0..batch.pages {
                if !hand_on(&scanned, scan(batch, number), SCANNED) {
                    break; // nobody is left who would sharpen it
                }
            }
        });
        scope.spawn(move || {
            trace!(name = "sharpen");
            for page in arriving(to_sharpen, SCANNED) {
                if !hand_on(&sharpened, sharpen(page), SHARPENED) {
                    break; // nobody is left who would store it
                }
            }
        });
        trace!(name = "store");
        let stored = arriving(to_store, SHARPENED);
        stored.map(|page| store(batch, &page)).collect()
    })
}
// ANCHOR_END: pipeline

// ANCHOR: main
pub fn main() {
    let batch = Batch { pages: 4, ..Batch::MEASURED };
    for (number, sum) in pipeline(batch, 1) {
        println!("page {number} stored, sum {sum}");
    }
}
// ANCHOR_END: main

#[cfg(test)]
mod tests {
    use super::*;

    const SMALL: Batch = Batch { pages: 9, bytes: 64, device: Duration::ZERO };

    #[test]
    fn the_pages_arrive_in_order_whatever_the_capacity() {
        let expected = sequential(SMALL);
        assert_eq!(expected.len(), 9);
        for capacity in [0, 1, 2, 100] {
            assert_eq!(pipeline(SMALL, capacity), expected);
        }
    }

    #[test]
    fn a_batch_without_pages_ends() {
        assert_eq!(pipeline(Batch { pages: 0, ..SMALL }, 1), []);
    }
}
