// ANCHOR: all
use std::thread;

fn main() {
    let tales = vec!["Rapunzel", "Snow White"];
    thread::scope(|scope| {
        scope.spawn(|| println!("{tales:?}"));
        println!("main has {} tales", tales.len());
    });
}
// ANCHOR_END: all
