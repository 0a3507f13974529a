//! Chapter 16's futurelock, and what tokio says of its tasks once nothing moves.

use std::time::Duration;

use tokio::runtime::Handle;
use tokio::time::timeout;

#[path = "../../../tasks/futurelock.rs"]
#[allow(dead_code)]
mod futurelock;

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let cooking = futurelock::with_a_ring(futurelock::borrowed);
    let mut cooking = tokio::spawn(cooking);
    if timeout(Duration::from_millis(200), &mut cooking).await.is_ok() {
        return println!("done");
    }
    let dump = Handle::current().dump().await;
    for task in dump.tasks().iter() {
        println!("task {}:\n{}", task.id(), task.trace());
    }
}
