use std::thread;

fn main() {
    // ANCHOR: step
    let tales = vec!["Rapunzel", "Snow White"];
    let reader = thread::spawn(move || println!("{tales:?}"));
    println!("main has {} tales", tales.len());
    reader.join().expect("reading does not panic");
    // ANCHOR_END: step
}
