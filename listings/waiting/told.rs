// One thread bakes; another sleeps until it is told that the bread is ready.
//
// Checked by shuttle, which includes this file and runs every order of its
// steps.
//
// Runs on the Playground.

// ANCHOR: program
use std::sync::{Condvar, Mutex};
use std::thread;
use std::time::Duration;

pub fn main() {
    let (ready, bell) = (Mutex::new(false), Condvar::new());
    thread::scope(|scope| {
        scope.spawn(|| {
            thread::sleep(Duration::from_millis(200)); // it bakes
            *ready.lock().unwrap() = true; // locked and let go
            bell.notify_one();
        });

        let mut questions = 0_u64;
        let mut guard = ready.lock().unwrap();
        while !*guard {
            questions += 1;
            guard = bell.wait(guard).unwrap();
        }
        println!("ready; questions asked: {questions}");
    });
}
// ANCHOR_END: program

#[cfg(test)]
mod tests {
    #[test]
    fn the_waiting_ends() {
        super::main();
    }
}
