//! Chapter 9's spin lock, with the ordering that is too weak or the right one.

use std::env;

#[allow(dead_code)]
#[path = "../atomics/spin_lock.rs"]
mod spin_lock;

use spin_lock::SpinLock;

fn main() {
    let add_one: fn(&SpinLock<u64>) = match env::args().nth(1).as_deref() {
        Some("relaxed") => |lock| lock.relaxed(|balance| *balance += 1),
        _ => |lock| lock.right(|balance| *balance += 1),
    };
    println!("balance {}", spin_lock::two_deposits(add_one));
}
