// Park and unpark: a wake-up that is not lost when it comes early.
//
// Checked by shuttle, which includes this file and runs orders drawn by lot.
//
// Runs on the Playground.

// ANCHOR: program
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::thread;

/// Waits for another thread to say that it is ready.
pub fn bake() -> bool {
    let (ready, baker) = (AtomicBool::new(false), thread::current());
    thread::scope(|scope| {
        scope.spawn(|| {
            ready.store(true, Relaxed);
            baker.unpark();
        });
        while !ready.load(Relaxed) {
            thread::park();
        }
    });
    ready.into_inner()
}
// ANCHOR_END: program

// ANCHOR: early
/// Unparked twice before it parks. There is one token, so the second `park`
/// would wait.
pub fn early() {
    thread::current().unpark();
    thread::current().unpark();
    thread::park(); // takes the token, and does not wait
}
// ANCHOR_END: early

// ANCHOR: main
pub fn main() {
    early();
    println!("unparked before it parked: it did not wait");
    println!("ready: {}", bake());
}
// ANCHOR_END: main

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_ends_however_early_the_wake_up_comes() {
        for _ in 0..500 {
            assert!(bake());
        }
        early();
    }
}
