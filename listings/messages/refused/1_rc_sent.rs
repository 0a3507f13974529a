use std::rc::Rc;
use std::sync::mpsc;
use std::thread;

fn main() {
    // ANCHOR: step
    let (sender, receiver) = mpsc::channel();
    let page = Rc::new(String::from("page 1"));
    thread::spawn(move || sender.send(page).expect("the receiver is here"));
    println!("{:?}", receiver.recv());
    // ANCHOR_END: step
}
