// One thread bakes; another asks in a loop whether the bread is ready.
//
// Checked by its test alone: a checker that runs every order would let it ask
// for ever.
//
// Runs on the Playground.

// ANCHOR: program
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::thread;
use std::time::Duration;

pub fn main() {
    let ready = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            thread::sleep(Duration::from_millis(200)); // it bakes
            ready.store(true, Relaxed);
        });

        let mut questions = 0_u64;
        while !ready.load(Relaxed) {
            questions += 1;
        }
        println!("ready; questions asked: {questions}");
    });
}
// ANCHOR_END: program

#[cfg(test)]
mod tests {
    #[test]
    fn the_asking_ends() {
        super::main();
    }
}
