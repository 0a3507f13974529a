use std::pin::Pin;
use std::task::{Context, Waker};

async fn ask() -> u32 {
    std::future::ready(17).await
}

// ANCHOR: step
async fn first() -> u32 {
    let answers = [ask().await, ask().await];
    let best = &answers[0]; // borrows a variable of this function
    ask().await;
    *best
}

fn main() {
    let mut future = first();
    let mut context = Context::from_waker(Waker::noop());
    let _ = Pin::new(&mut future).poll(&mut context);
    let _moved = Box::new(future); // where does `best` point now?
}
// ANCHOR_END: step
