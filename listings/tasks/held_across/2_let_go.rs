use std::rc::Rc;

use tokio::task::yield_now;

#[tokio::main]
async fn main() {
    // ANCHOR: step
    let guest = tokio::spawn(async {
        let greeting = {
            let name = Rc::new(String::from("Ann"));
            format!("{name} is here")
        }; // New! The Rc ends here
        yield_now().await;
        println!("{greeting}");
    });
    // ANCHOR_END: step
    guest.await.expect("a guest does not panic");
}
