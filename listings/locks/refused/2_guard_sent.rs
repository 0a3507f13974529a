use std::sync::Mutex;
use std::thread;

fn main() {
    // ANCHOR: step
    let account = Mutex::new(500);
    thread::scope(|scope| {
        let mut guard = account.lock().expect("nobody panicked");
        scope.spawn(move || *guard -= 100);
    });
    // ANCHOR_END: step
}
