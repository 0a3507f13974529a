// A process of a loop without an end, and the program that kills it.

// ANCHOR: all
use std::env;
use std::hint;
use std::process::Command;

pub fn main() {
    if env::var_os("ENDLESS").is_some() {
        loop {
            hint::spin_loop();
        }
    }
    let program = env::current_exe().expect("it runs");
    let mut child =
        Command::new(program).env("ENDLESS", "yes").spawn().expect("it starts");
    child.kill().expect("it is a child of this program");
    let status = child.wait().expect("it is a child of this program");
    println!("ended by itself: {}", status.success());
}
// ANCHOR_END: all
