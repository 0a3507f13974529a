//! A fast sender and a slow receiver, with a channel between them that takes
//! everything, and with one that is full after eight.
//!
//! Checked by its tests alone: what is looked at here is memory.
//!
//! Runs on the Playground.

use std::sync::mpsc;
use std::thread;

/// How much is sent, in blocks of this many bytes.
pub const BLOCKS: usize = 2_000;
pub const BYTES: usize = 64 * 1024;

// ANCHOR: unbounded
/// The sender never waits.
pub fn unbounded() -> u64 {
    let (sender, receiver) = mpsc::channel();
    thread::scope(|scope| {
        scope.spawn(move || {
            (0..BLOCKS).for_each(|n| sender.send(block(n)).expect(LISTENS));
        });
        receiver.into_iter().map(digest).fold(0, u64::wrapping_add)
    })
}
// ANCHOR_END: unbounded

// ANCHOR: bounded
/// The sender waits when eight blocks are on their way.
pub fn bounded() -> u64 {
    let (sender, receiver) = mpsc::sync_channel(8);
    thread::scope(|scope| {
        scope.spawn(move || {
            (0..BLOCKS).for_each(|n| sender.send(block(n)).expect(LISTENS));
        });
        receiver.into_iter().map(digest).fold(0, u64::wrapping_add)
    })
}
// ANCHOR_END: bounded

const LISTENS: &str = "the receiver listens to the end";

fn block(number: usize) -> Vec<u8> {
    vec![number as u8; BYTES]
}

/// Slow: each byte depends on the one before.
fn digest(block: Vec<u8>) -> u64 {
    block.into_iter().fold(0xCBF2_9CE4_8422_2325, |digest, byte| {
        (digest ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01B3)
    })
}

// ANCHOR: main
pub fn main() {
    println!("unbounded: {:016x}", unbounded());
    println!("  bounded: {:016x}", bounded());
}
// ANCHOR_END: main

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_digest_the_same_blocks() {
        assert_eq!(unbounded(), bounded());
    }
}
