use std::sync::Mutex;

fn main() {
    // ANCHOR: step
    let account = Mutex::new(500);
    let balance: &mut i64;
    {
        let mut guard = account.lock().expect("nobody panicked");
        balance = &mut guard;
    } // the lock is free again
    *balance -= 100;
    // ANCHOR_END: step
}
