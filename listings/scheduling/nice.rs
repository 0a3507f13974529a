//! Two threads that compute on one core, one of them nicer than the other.
//!
//! Nothing is shared but a flag: there is nothing for a model checker.
//!
//! Runs locally only: it asks the system for one core and another priority.

use std::hint::black_box;
use std::io;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::thread;
use std::time::Duration;

use super::one_core::hold_to_one_core;

/// How long the two compute beside each other.
pub const LENGTH: Duration = Duration::from_millis(300);

/// How many pieces each of the two got done.
pub struct Done {
    pub usual: u64,
    pub nicer: u64,
}

// ANCHOR: be_nice
/// Gives this thread another priority: 0 is the usual one, 19 is the nicest.
#[cfg(target_os = "linux")]
fn be_nice(niceness: i32) -> io::Result<()> {
    Ok(rustix::process::setpriority_process(None, niceness)?)
}
// ANCHOR_END: be_nice

#[cfg(not(target_os = "linux"))]
fn be_nice(_: i32) -> io::Result<()> {
    Err(io::Error::other("this system has no priority for one thread alone"))
}

// ANCHOR: beside
/// Two threads compute on one core, one of them at this niceness.
pub fn beside(niceness: i32) -> io::Result<Done> {
    hold_to_one_core()?;
    let over = AtomicBool::new(false);
    let compute = || {
        let mut pieces = 0;
        while !over.load(Relaxed) {
            piece();
            pieces += 1;
        }
        pieces
    };
    thread::scope(|scope| {
        let usual = scope.spawn(compute);
        let nicer = scope.spawn(|| be_nice(niceness).map(|()| compute()));
        thread::sleep(LENGTH);
        over.store(true, Relaxed);
        let panicked = |_| io::Error::other("a thread panicked");
        let usual = usual.join().map_err(panicked)?;
        let nicer = nicer.join().map_err(panicked)??;
        Ok(Done { usual, nicer })
    })
}
// ANCHOR_END: beside

fn piece() {
    let multiply = |x: u64, _| black_box(x.wrapping_mul(31));
    black_box((0..2_000).fold(1, multiply));
}

pub fn main() -> io::Result<()> {
    for niceness in [0, 5, 10, 19] {
        let Done { usual, nicer } = beside(niceness)?;
        let percent = 100 * nicer / (usual + nicer).max(1);
        println!("nice {niceness}: {percent} % of the pieces");
    }
    Ok(())
}
