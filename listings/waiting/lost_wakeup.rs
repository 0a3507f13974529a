// A wake-up that is lost: the flag is changed without the lock.
//
// Checked by shuttle, which includes this file and finds the order in which
// the bell rings before the thread sleeps.
//
// Runs on the Playground.

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Condvar, Mutex};
use std::thread;

use tracing::info;

// ANCHOR: oven
#[derive(Default)]
pub struct Oven {
    ready: AtomicBool, // beside the lock, not in it
    lock: Mutex<()>,
    bell: Condvar,
}

impl Oven {
    pub fn ring(&self) {
        self.ready.store(true, Relaxed);
        info!("oven: ready, and rings");
        self.bell.notify_one();
    }

    pub fn wait(&self) {
        let mut guard = self.lock.lock().expect(CALM);
        info!("baker: looks");
        while !self.ready.load(Relaxed) {
            info!("baker: it was not ready, so goes to sleep");
            guard = self.bell.wait(guard).expect(CALM);
        }
        info!("baker: it was ready");
    }
}
// ANCHOR_END: oven

const CALM: &str = "nobody panics at the oven";

/// One thread waits for the oven. Returns whether it was ready.
pub fn bake() -> u8 {
    let oven = Oven::default();
    thread::scope(|scope| {
        scope.spawn(|| oven.wait());
        oven.ring();
    });
    u8::from(oven.ready.load(Relaxed))
}

pub fn main() {
    let oven = Oven::default();
    oven.ring(); // before, so that nobody can miss it
    oven.wait();
    println!("ready");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_after_the_other_nothing_is_lost() {
        let oven = Oven::default();
        oven.ring();
        oven.wait();
        assert!(oven.ready.load(Relaxed));
    }
}
