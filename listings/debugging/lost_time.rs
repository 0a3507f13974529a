//! Chapter 7's seals, with the lock around the work or after it, by two threads.

use std::env;

#[allow(dead_code)]
#[path = "../locks/critical_section.rs"]
mod critical_section;

use critical_section::{Mail, lock_after, lock_around};

fn main() {
    let sealed = match env::args().nth(1).as_deref() {
        Some("around") => lock_around(Mail::MEASURED, 2),
        _ => lock_after(Mail::MEASURED, 2),
    };
    println!("{sealed:016x}");
}
