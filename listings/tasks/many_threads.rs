// Very many threads that wait at the same time: as many as the system starts.
//
// Runs locally only: it starts more threads than a guest should.
//
// shuttle explores it, with two of them.

use std::sync::{Arc, RwLock, mpsc};
use std::thread;
use std::time::Duration;

/// How long the door stays closed once everybody waits in front of it.
pub const WAIT: Duration = Duration::from_millis(20);

// ANCHOR: crowd
/// How many waited at the same time, and how many the system refused.
#[derive(Debug, PartialEq)]
pub struct Crowd {
    pub waited: usize,
    pub refused: usize,
}
// ANCHOR_END: crowd

// ANCHOR: threads
/// Threads in front of a closed door. Starts as many as the system allows, and
/// opens when all of them are there.
pub fn threads(wanted: usize) -> Crowd {
    let door = Arc::new(RwLock::new(()));
    let closed = door.write().expect("nobody panics at the door");
    let (arrived, arrivals) = mpsc::channel();
    let start = |_| {
        let (door, arrived) = (Arc::clone(&door), arrived.clone());
        let wait = move || {
            let _ = arrived.send(());
            drop(door.read());
        };
        thread::Builder::new().spawn(wait).ok() // none: the system said no
    };
    let crowd: Vec<_> = (0..wanted).map_while(start).collect();
    for _ in &crowd {
        arrivals.recv().expect("who was started arrives");
    }
    thread::sleep(WAIT);
    drop(closed);
    let waited = crowd.len();
    for thread in crowd {
        thread.join().expect("nobody panics at the door");
    }
    Crowd { waited, refused: wanted - waited }
}
// ANCHOR_END: threads

/// The wait without anybody: what it takes at least.
pub fn alone() -> Crowd {
    thread::sleep(WAIT);
    Crowd { waited: 0, refused: 0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everybody_waits_or_is_counted_as_refused() {
        for wanted in [0, 1, 40] {
            let crowd = threads(wanted);
            assert_eq!(crowd.waited + crowd.refused, wanted);
        }
    }
}
