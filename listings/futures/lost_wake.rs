// A waker that is stored too late: wrong on purpose.
//
// Checked by shuttle, which includes this file and finds the order in which the
// task is never woken; by loom as well.
//
// Runs locally only: it uses other listings of this chapter.

use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};
use std::thread;

use tracing::info;

use super::parking::block_on;

// ANCHOR: bread
#[derive(Default)]
pub struct Oven {
    ready: AtomicBool, // beside the lock
    waker: Mutex<Option<Waker>>,
}

impl Oven {
    pub fn ring(&self) {
        self.ready.store(true, Relaxed);
        info!("oven: ready");
        match self.waker.lock().expect(CALM).take() {
            Some(waker) => waker.wake(),
            None => info!("oven: finds no waker"),
        }
    }
}

pub struct Bread(pub Arc<Oven>);

impl Future for Bread {
    type Output = u8;

    fn poll(self: Pin<&mut Self>, context: &mut Context) -> Poll<u8> {
        info!("baker: looks");
        if self.0.ready.load(Relaxed) {
            return Poll::Ready(1);
        }
        info!("baker: it was not ready, so leaves a waker");
        let waker = context.waker().clone();
        *self.0.waker.lock().expect(CALM) = Some(waker);
        Poll::Pending
    }
}
// ANCHOR_END: bread

const CALM: &str = "nobody panics at the oven";

/// One thread waits for the oven of another. Returns what it got.
pub fn bake() -> u8 {
    let oven = Arc::new(Oven::default());
    let bread = Bread(Arc::clone(&oven));
    thread::spawn(move || oven.ring());
    block_on(bread).0
}

// ANCHOR: looks_again
/// The same oven, and a baker who looks again after leaving the waker.
pub struct LooksAgain(pub Arc<Oven>);

impl Future for LooksAgain {
    type Output = u8;

    fn poll(self: Pin<&mut Self>, context: &mut Context) -> Poll<u8> {
        let waker = context.waker().clone();
        *self.0.waker.lock().expect(CALM) = Some(waker);
        match self.0.ready.load(Relaxed) {
            true => Poll::Ready(1),
            false => Poll::Pending,
        }
    }
}
// ANCHOR_END: looks_again

/// The same with the baker who looks again.
pub fn bake_and_look_again() -> u8 {
    let oven = Arc::new(Oven::default());
    let bread = LooksAgain(Arc::clone(&oven));
    thread::spawn(move || oven.ring());
    block_on(bread).0
}

pub fn main() {
    let oven = Arc::new(Oven::default());
    oven.ring(); // before, so that it cannot be missed
    println!("bread: {}", block_on(Bread(oven)).0);
    println!("bread: {}", bake_and_look_again());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_after_the_other_nothing_is_lost() {
        main();
    }

    #[test]
    fn with_a_second_look_it_ends_however_early_the_oven_is() {
        for _ in 0..500 {
            assert_eq!(bake_and_look_again(), 1);
        }
    }
}
