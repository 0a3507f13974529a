// A kitchen with room for two orders: wait for room, or be turned away.
//
// Checked on shuttle's tokio, which includes this file: no order is lost, and
// none is both cooked and turned away.
//
// Runs on the Playground.

use tokio::sync::mpsc::{self, Receiver, Sender};
use tokio::task::yield_now;

/// Cooks one after the other, until the last sender is gone.
async fn cook(mut orders: Receiver<u32>) -> Vec<u32> {
    let mut cooked = Vec::new();
    while let Some(order) = orders.recv().await {
        yield_now().await; // on the fire; meanwhile others run
        cooked.push(order);
    }
    cooked
}

// ANCHOR: full
/// Waits for room, so that all five are taken.
async fn wait_for_room(kitchen: Sender<u32>) {
    for order in 1..=5 {
        kitchen.send(order).await.expect("the kitchen is open");
    }
}

/// Does not wait. Returns those for which there was no room.
async fn turn_away(kitchen: Sender<u32>) -> Vec<u32> {
    (1..=5).filter(|order| kitchen.try_send(*order).is_err()).collect()
}
// ANCHOR_END: full

#[tokio::main(flavor = "current_thread")]
pub async fn main() {
    let (kitchen, orders) = mpsc::channel(2);
    let (cooked, ()) = tokio::join!(cook(orders), wait_for_room(kitchen));
    println!("all wait for room: cooked {cooked:?}");

    let (kitchen, orders) = mpsc::channel(2);
    let (cooked, away) = tokio::join!(cook(orders), turn_away(kitchen));
    println!("nobody waits: cooked {cooked:?}, turned away {away:?}");
}

/// With a task for the kitchen: cooked, and turned away.
pub async fn patient() -> (Vec<u32>, Vec<u32>) {
    let (kitchen, orders) = mpsc::channel(2);
    let kitchen_task = tokio::spawn(cook(orders));
    wait_for_room(kitchen).await;
    (kitchen_task.await.expect("the kitchen does not panic"), vec![])
}

/// The same, and nobody waits.
pub async fn hurried() -> (Vec<u32>, Vec<u32>) {
    let (kitchen, orders) = mpsc::channel(2);
    let kitchen_task = tokio::spawn(cook(orders));
    let away = turn_away(kitchen).await;
    (kitchen_task.await.expect("the kitchen does not panic"), away)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn who_waits_for_room_is_served() {
        assert_eq!(patient().await, (vec![1, 2, 3, 4, 5], vec![]));
    }

    /// On one thread: nobody cooks while orders come.
    #[tokio::test]
    async fn who_finds_no_room_is_turned_away() {
        assert_eq!(hurried().await, (vec![1, 2], vec![3, 4, 5]));
    }
}
