//! Chapter 16's futurelock, and what tokio says of its tasks once nothing moves.

use std::time::Duration;

use tokio::runtime::Handle;
use tokio::time::timeout;

#[path = "../../../tasks/futurelock.rs"]
#[allow(dead_code)]
mod futurelock;

// ANCHOR: main
#[tokio::main(flavor = "current_thread")]
async fn main() {
    let limit = Duration::from_millis(500);
    let mut cooking =
        tokio::spawn(futurelock::with_a_ring(futurelock::borrowed));
    if timeout(limit, &mut cooking).await.is_ok() {
        return println!("done");
    }
    // A dump waits until every task gives its thread back.
    match timeout(limit, Handle::current().dump()).await {
        Err(_) => println!("no dump: a task keeps its thread"),
        Ok(dump) => {
            for task in dump.tasks().iter() {
                println!("task {}:\n{}", task.id(), task.trace());
            }
        }
    }
}
// ANCHOR_END: main
