// Two threads, and a count for each: how far apart do the counts have to be?
//
// Checked by shuttle, which includes this file and runs every order of a few
// additions.
//
// Runs on the Playground.

use std::fs;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::thread;

/// What both threads do together.
pub const ADDITIONS: u64 = 40_000_000;

// ANCHOR: apart
/// Counts side by side, the first of them at the start of a cache line.
#[repr(align(256))]
struct Row([AtomicU64; 64]);

/// Two threads add, each to a count of its own, so many bytes apart.
pub fn apart(additions: u64, bytes: usize) -> u64 {
    let row = Row([const { AtomicU64::new(0) }; 64]);
    let (first, second) = (&row.0[0], &row.0[bytes / size_of::<AtomicU64>()]);
    thread::scope(|scope| {
        scope.spawn(|| add(first, additions / 2));
        scope.spawn(|| add(second, additions - additions / 2));
    });
    first.load(Relaxed) + second.load(Relaxed)
}

fn add(count: &AtomicU64, additions: u64) {
    for _ in 0..additions {
        count.fetch_add(1, Relaxed);
    }
}
// ANCHOR_END: apart

/// One thread does all of it.
pub fn alone(additions: u64) -> u64 {
    let count = AtomicU64::new(0);
    add(&count, additions);
    count.into_inner()
}

// ANCHOR: padded
/// A count that shares its cache line with nothing.
#[repr(align(128))]
pub struct Padded(pub AtomicU64);
// ANCHOR_END: padded

// ANCHOR: main
pub fn main() {
    const CACHE: &str = "/sys/devices/system/cpu/cpu0/cache/index0";
    match fs::read_to_string(format!("{CACHE}/coherency_line_size")) {
        Ok(bytes) => println!("A cache line has {} bytes here.", bytes.trim()),
        Err(_) => println!("This system does not say how long a line is."),
    }
    println!("A plain count takes {} bytes,", size_of::<AtomicU64>());
    println!("a padded one {}.", size_of::<Padded>());
}
// ANCHOR_END: main

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_addition_is_lost_at_any_distance() {
        for bytes in [8, 16, 32, 64, 128, 256] {
            assert_eq!(apart(1_001, bytes), 1_001, "{bytes} bytes apart");
        }
        assert_eq!(alone(1_001), 1_001);
    }

    #[test]
    fn a_padded_count_fills_whole_lines() {
        assert_eq!((size_of::<Padded>(), align_of::<Padded>()), (128, 128));
    }
}
