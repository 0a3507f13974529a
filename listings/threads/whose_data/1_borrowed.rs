// ANCHOR: all
use std::thread;

fn main() {
    let tales = vec!["Rapunzel", "Snow White"];
    let reader = thread::spawn(|| println!("{tales:?}"));
    reader.join().expect("reading does not panic");
}
// ANCHOR_END: all
