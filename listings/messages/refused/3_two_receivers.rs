use std::sync::mpsc::{self, Receiver};
use std::thread;

fn work(jobs: &Receiver<String>) {
    while let Ok(job) = jobs.recv() {
        println!("{job}");
    }
}

fn main() {
    // ANCHOR: step
    let (hand_out, jobs) = mpsc::channel();
    thread::scope(|scope| {
        scope.spawn(|| work(&jobs));
        scope.spawn(|| work(&jobs));
    });
    // ANCHOR_END: step
    hand_out.send(String::from("too late")).expect("the receiver is here");
}
