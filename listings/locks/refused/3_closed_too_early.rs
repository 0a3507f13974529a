use std::sync::Mutex;

fn main() {
    // ANCHOR: step
    let journal = Mutex::new(vec!["opened at nine"]);
    let mut lines = journal.lock().expect("nobody panicked");
    drop(journal);
    lines.push("one line more");
    // ANCHOR_END: step
}
