// A counter that all threads share, and one of which each thread has its own.
//
// shuttle explores it, with a few visits.

// ANCHOR: program
use std::cell::Cell;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::thread;

static SHARED: AtomicU32 = AtomicU32::new(0);

thread_local! {
    static OWN: Cell<u32> = const { Cell::new(0) };
}

fn visit(times: u32) -> u32 {
    for _ in 0..times {
        SHARED.fetch_add(1, Relaxed);
        OWN.set(OWN.get() + 1);
    }
    OWN.get()
}

pub fn main() {
    let first = thread::spawn(|| visit(1_000));
    let second = thread::spawn(|| visit(200));
    let own = [first, second].map(|thread| thread.join().unwrap());
    println!("each thread's own: {own:?}, and main's: {}", OWN.get());
    println!("shared by all: {}", SHARED.load(Relaxed));
}
// ANCHOR_END: program

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_thread_begins_with_a_copy_of_its_own() {
        for times in [3, 4] {
            let own = thread::spawn(move || visit(times)).join().unwrap();
            assert_eq!(own, times);
        }
        assert_eq!(OWN.get(), 0, "this thread has visited nothing");
        assert_eq!(SHARED.load(Relaxed), 7);
    }
}
