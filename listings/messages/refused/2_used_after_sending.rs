use std::sync::mpsc;

fn main() {
    // ANCHOR: step
    let (sender, receiver) = mpsc::channel();
    let mut page = String::from("page 1");
    sender.send(page).expect("the receiver is here");
    page.push_str(", corrected");
    // ANCHOR_END: step
    println!("{:?}", receiver.recv());
}
