//! Two threads that compute, held to one core. Each finds out when it ran.
//!
//! Nothing is shared: there is nothing for a model checker.
//!
//! Runs locally only: it asks the system for one core.

use std::hint::black_box;
use std::io;
use std::thread;
use std::time::{Duration, Instant};

use tracing::{info_span, trace};

use super::one_core::hold_to_one_core;

/// Pieces of computing for each of the two threads; a piece takes about 10 µs.
pub const PIECES: u64 = 8_000;

/// No piece takes as long as this.
const JUMP: Duration = Duration::from_micros(500);

/// A stretch of time in which a thread had a core.
pub struct Slice {
    from: Instant,
    until: Instant,
}

// ANCHOR: compute
/// Computes, and looks at the clock after each piece. Where the clock has
/// jumped, the thread had no core for a while: one slice ended before the jump,
/// and another began after it.
pub fn compute(pieces: u64) -> Vec<Slice> {
    let mut slices = Vec::new();
    let mut from = Instant::now();
    let mut last = from;
    for _ in 0..pieces {
        piece();
        let now = Instant::now();
        if now - last > JUMP {
            slices.push(Slice { from, until: last });
            from = now;
        }
        last = now;
    }
    slices.push(Slice { from, until: last });
    slices
}
// ANCHOR_END: compute

fn piece() {
    let multiply = |x: u64, _| black_box(x.wrapping_mul(31));
    black_box((0..10_000).fold(1, multiply));
}

impl Slice {
    pub fn length(&self) -> Duration {
        self.until - self.from
    }
}

/// Draws them in the timeline: slices, and between two of them the wait for the
/// core, which the end of another thread's slice sets free.
fn draw(slices: &[Slice]) {
    let ago = |then: Instant| then.elapsed().as_nanos() as u64;
    let mut lost: Option<Instant> = None;
    for slice in slices {
        if let Some(lost) = lost {
            let (from, until) = (ago(lost), ago(slice.from));
            info_span!(
                "wait",
                from_ago = from,
                until_ago = until,
                until = "the core"
            );
        }
        let (from, until) = (ago(slice.from), ago(slice.until));
        info_span!("ran", from_ago = from, until_ago = until);
        trace!(wakes = "the core", ago = until);
        lost = Some(slice.until);
    }
}

/// One thread does the work of both.
pub fn alone() -> io::Result<Vec<Slice>> {
    hold_to_one_core()?;
    Ok(compute(2 * PIECES))
}

// ANCHOR: two
/// Two threads on one core, with the same work each.
pub fn two() -> io::Result<Vec<Slice>> {
    hold_to_one_core()?;
    let work = || {
        let slices = compute(PIECES);
        draw(&slices);
        slices
    };
    thread::scope(|scope| {
        let threads = ["first", "second"].map(|name| {
            thread::Builder::new().name(name.into()).spawn_scoped(scope, work)
        });
        let mut slices = Vec::new();
        for thread in threads {
            let panicked = |_| io::Error::other("a thread panicked");
            slices.extend(thread?.join().map_err(panicked)?);
        }
        Ok(slices)
    })
}
// ANCHOR_END: two

pub fn main() -> io::Result<()> {
    println!("one thread: {} slices", alone()?.len());
    println!("two threads: {} slices", two()?.len());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slices_follow_each_other_with_jumps_between_them() {
        let slices = compute(300);
        assert!(slices.iter().all(|slice| slice.from <= slice.until));
        let gaps = slices.windows(2).map(|two| two[1].from - two[0].until);
        assert!(gaps.into_iter().all(|gap| gap > JUMP));
    }
}
