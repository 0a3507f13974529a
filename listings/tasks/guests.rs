// Ten thousand guests who are silent for a second, each a task.
//
// Checked by its test alone: it is about time, which no checker models.
//
// Runs on the Playground.

// ANCHOR: program
use std::time::{Duration, Instant};

use tokio::time::sleep;

/// Is silent for a second, and then says its number.
async fn guest(number: u64) -> u64 {
    sleep(Duration::from_secs(1)).await;
    number
}

#[tokio::main]
pub async fn main() {
    let started = Instant::now();
    let guests: Vec<_> =
        (1..=10_000).map(|number| tokio::spawn(guest(number))).collect();
    let mut sum = 0;
    for guest in guests {
        sum += guest.await.expect("no guest panics");
    }
    println!("10 000 guests, sum of their numbers: {sum}");
    println!("seconds, rounded down: {}", started.elapsed().as_secs());
}
// ANCHOR_END: program

#[cfg(test)]
mod tests {
    #[tokio::test]
    async fn a_guest_says_its_number() {
        assert_eq!(super::guest(7).await, 7);
    }
}
