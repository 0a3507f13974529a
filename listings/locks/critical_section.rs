// How long to hold a lock: around the computing, or around the putting away.
//
// Checked by shuttle, which includes this file and runs every order of a few
// seals.
//
// Runs on the Playground.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::thread;

// ANCHOR: seal
/// What takes long: a number that cannot be had without so many steps.
fn seal(letter: u64, steps: u32) -> u64 {
    let mut seal = letter;
    for _ in 0..steps {
        seal = (seal ^ (seal >> 29)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    }
    seal
}
// ANCHOR_END: seal

// ANCHOR: around
/// The lock is held while the seal is made.
pub fn lock_around(mail: Mail, threads: usize) -> u64 {
    let sealed = Mutex::new(BTreeMap::new());
    on_threads(mail, threads, |letter| {
        let mut sealed = sealed.lock().expect(CALM);
        sealed.insert(letter, seal(letter, mail.steps));
    });
    sum(&sealed.into_inner().expect(CALM))
}
// ANCHOR_END: around

// ANCHOR: after
/// The lock is held while the seal is put away.
pub fn lock_after(mail: Mail, threads: usize) -> u64 {
    let sealed = Mutex::new(BTreeMap::new());
    on_threads(mail, threads, |letter| {
        let seal = seal(letter, mail.steps);
        sealed.lock().expect(CALM).insert(letter, seal);
    });
    sum(&sealed.into_inner().expect(CALM))
}
// ANCHOR_END: after

/// No lock.
pub fn sequential(mail: Mail) -> u64 {
    let seals =
        (0..mail.letters).map(|letter| (letter, seal(letter, mail.steps)));
    sum(&seals.collect())
}

// ANCHOR: mail
#[derive(Clone, Copy)]
pub struct Mail {
    pub letters: u64,
    /// How long each seal takes.
    pub steps: u32,
}

impl Mail {
    pub const MEASURED: Mail = Mail { letters: 10_000, steps: 10_000 };
}

fn sum(sealed: &BTreeMap<u64, u64>) -> u64 {
    sealed.values().fold(0, |sum, seal| sum.wrapping_add(*seal))
}
// ANCHOR_END: mail

const CALM: &str = "nobody panics over a letter";

fn on_threads(mail: Mail, threads: usize, work: impl Fn(u64) + Sync) {
    thread::scope(|scope| {
        for thread in 0..threads as u64 {
            let work = &work;
            let own = (thread..mail.letters).step_by(threads);
            scope.spawn(move || own.for_each(work));
        }
    });
}

// ANCHOR: main
pub fn main() {
    let mail = Mail { letters: 500, ..Mail::MEASURED };
    println!("     no lock: {:016x}", sequential(mail));
    println!("around, by 4: {:016x}", lock_around(mail, 4));
    println!(" after, by 4: {:016x}", lock_after(mail, 4));
}
// ANCHOR_END: main

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_letter_is_sealed_once_in_each_form() {
        let mail = Mail { letters: 300, steps: 7 };
        for threads in [1, 2, 5] {
            assert_eq!(lock_around(mail, threads), sequential(mail));
            assert_eq!(lock_after(mail, threads), sequential(mail));
        }
    }
}
