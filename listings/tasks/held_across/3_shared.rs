use std::sync::{Arc, Mutex};

use tokio::task::yield_now;

#[tokio::main]
async fn main() {
    // ANCHOR: step
    let names = Arc::new(Mutex::new(Vec::new()));
    let guests = ["Ann", "Ben"].map(|name| {
        let names = Arc::clone(&names);
        tokio::spawn(async move {
            names.lock().expect("no guest panics").push(name);
            yield_now().await; // the lock has been let go
            names.lock().expect("no guest panics").len()
        })
    });
    // ANCHOR_END: step
    for guest in guests {
        let here = guest.await.expect("a guest does not panic");
        assert!((1..=2).contains(&here));
    }
}
