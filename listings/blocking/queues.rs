//! A kitchen that takes orders from a queue: one whose `recv` blocks a thread,
//! and one whose `recv` is awaited.

use std::thread;
use std::time::Duration;

use tokio::runtime;
use tokio::task;
use tokio::time::sleep;

const COOKING: Duration = Duration::from_millis(10);

// ANCHOR: threads
/// `recv` and `send` block the thread that calls them.
pub fn threads(orders: u32) -> Vec<u32> {
    let (sender, receiver) = crossbeam_channel::bounded(2);
    let guest = thread::spawn(move || {
        for order in 1..=orders {
            sender.send(order).expect("the kitchen is open");
        }
    });
    let mut cooked = Vec::new();
    for order in receiver {
        thread::sleep(COOKING);
        cooked.push(order);
    }
    guest.join().expect("a guest does not panic");
    cooked
}
// ANCHOR_END: threads

// ANCHOR: tasks
/// `recv` and `send` are awaited: one thread has room for both.
pub async fn tasks(orders: u32) -> Vec<u32> {
    let (sender, mut receiver) = tokio::sync::mpsc::channel(2);
    tokio::spawn(async move {
        for order in 1..=orders {
            sender.send(order).await.expect("the kitchen is open");
            println!("ordered {order}");
        }
    });
    let mut cooked = Vec::new();
    while let Some(order) = receiver.recv().await {
        sleep(COOKING).await;
        println!("           cooked {order}");
        cooked.push(order);
    }
    cooked
}
// ANCHOR_END: tasks

// ANCHOR: wrong
/// The queue for threads between two tasks of one thread.
pub async fn wrong_queue() -> Result<u32, String> {
    let (sender, receiver) = crossbeam_channel::bounded(2);
    tokio::spawn(async move { sender.send(1) });
    // Blocks the thread that the guest needs in order to send. Without the
    // time limit it would wait forever.
    let order = receiver.recv_timeout(Duration::from_millis(100));
    order.map_err(|error| error.to_string())
}
// ANCHOR_END: wrong

// ANCHOR: across
/// From a thread to a task: the thread blocks, and the task awaits.
pub async fn across(orders: u32) -> Vec<u32> {
    let (sender, mut receiver) = tokio::sync::mpsc::channel(2);
    let guest = task::spawn_blocking(move || {
        for order in 1..=orders {
            sender.blocking_send(order).expect("the kitchen is open");
        }
    });
    let mut cooked = Vec::new();
    while let Some(order) = receiver.recv().await {
        cooked.push(order);
    }
    guest.await.expect("a guest does not panic");
    cooked
}
// ANCHOR_END: across

pub fn main() {
    let mut one_thread = runtime::Builder::new_current_thread();
    let one_thread = one_thread.enable_time().build();
    one_thread.expect("a runtime").block_on(async {
        println!("all cooked: {:?}", tasks(5).await);
        println!("the wrong queue: {:?}", wrong_queue().await);
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn threads_cook_every_order_in_its_turn() {
        assert_eq!(threads(5), [1, 2, 3, 4, 5]);
        assert_eq!(threads(0), [0; 0]);
    }

    #[tokio::test]
    async fn tasks_cook_every_order_in_its_turn_whoever_sends() {
        assert_eq!(tasks(5).await, [1, 2, 3, 4, 5]);
        assert_eq!(across(5).await, [1, 2, 3, 4, 5]);
    }

    #[tokio::test]
    async fn a_queue_that_blocks_keeps_the_sender_from_its_turn() {
        let never = Err("timed out waiting on receive operation".to_string());
        assert_eq!(wrong_queue().await, never);
    }
}
