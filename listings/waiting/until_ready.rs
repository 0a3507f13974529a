// Two hundred milliseconds of waiting for another thread, in four ways.
//
// Checked by its tests alone: what is looked at here is time, and a checker
// has none.
//
// Runs on the Playground.

use std::hint::spin_loop;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Condvar, Mutex};
use std::thread;
use std::time::Duration;

/// Until the bread is ready.
pub const BAKING: Duration = Duration::from_millis(200);

// ANCHOR: ways
/// Asks without a pause.
pub fn spinning(baking: Duration) {
    asking(baking, spin_loop);
}

/// Asks, and offers its core to others before it asks again.
pub fn yielding(baking: Duration) {
    asking(baking, thread::yield_now);
}

/// Asks once in a millisecond.
pub fn napping(baking: Duration) {
    asking(baking, || thread::sleep(Duration::from_millis(1)));
}
// ANCHOR_END: ways

fn asking(baking: Duration, pause: impl Fn()) {
    let ready = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            thread::sleep(baking);
            ready.store(true, Relaxed);
        });
        while !ready.load(Relaxed) {
            pause();
        }
    });
}

// ANCHOR: told
/// Sleeps until it is told.
pub fn told(baking: Duration) {
    let (ready, bell) = (Mutex::new(false), Condvar::new());
    thread::scope(|scope| {
        scope.spawn(|| {
            thread::sleep(baking);
            *ready.lock().expect(CALM) = true;
            bell.notify_one();
        });
        let guard = ready.lock().expect(CALM);
        drop(bell.wait_while(guard, |ready| !*ready).expect(CALM));
    });
}
// ANCHOR_END: told

const CALM: &str = "nobody panics at the oven";

// ANCHOR: main
pub fn main() {
    for (way, wait) in [
        ("spinning", spinning as fn(Duration)),
        ("yielding", yielding),
        ("napping", napping),
        ("told", told),
    ] {
        wait(BAKING / 10);
        println!("{way:>8}: ready");
    }
}
// ANCHOR_END: main

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Instant;

    #[test]
    fn each_way_waits_until_the_bread_is_ready() {
        for wait in [spinning, yielding, napping, told] {
            let begun = Instant::now();
            wait(Duration::from_millis(20));
            assert!(begun.elapsed() >= Duration::from_millis(20));
        }
    }
}
