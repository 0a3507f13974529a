use std::rc::Rc;

use tokio::task::yield_now;

#[tokio::main]
async fn main() {
    // ANCHOR: step
    let guest = tokio::spawn(async {
        let name = Rc::new(String::from("Ann"));
        yield_now().await;
        println!("{name} is here");
    });
    // ANCHOR_END: step
    guest.await.expect("a guest does not panic");
}
