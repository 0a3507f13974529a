//! A library that blocks, called inside a task: this one panics.

use tokio_postgres::NoTls;

// ANCHOR: program
#[tokio::main(flavor = "current_thread")]
pub async fn main() {
    let task = tokio::spawn(async {
        // Whether a server listens there is not even asked.
        postgres::Client::connect("host=127.0.0.1 user=me", NoTls).is_ok()
    });
    if let Err(error) = task.await {
        println!("the task: {error}");
    }
}
// ANCHOR_END: program
