//! A heart that beats every 100 ms, beside a wait that leaves it its thread and
//! one that does not.

// ANCHOR: program
use std::thread;
use std::time::Duration;
use tokio::time::sleep;

#[tokio::main(flavor = "current_thread")]
pub async fn main() {
    tokio::spawn(async {
        for beat in 1.. {
            println!("beat {beat}");
            sleep(Duration::from_millis(100)).await;
        }
    });
    sleep(Duration::from_millis(250)).await;
    println!("waiting politely");
    sleep(Duration::from_millis(300)).await;
    println!("blocking");
    thread::sleep(Duration::from_millis(300));
    println!("done");
}
// ANCHOR_END: program
