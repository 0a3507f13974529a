//! A well-behaved experiment of a few milliseconds, for tests of the whole path.

use std::thread;

use lab::Experiment;

const NUMBERS: u64 = 200_000;

fn main() -> lab::Exit {
    Experiment::new("sums", "Time to add the numbers up to 200,000")
        .demo(|| println!("{}", sum(0, NUMBERS)))
        .option("--nothing", "changes nothing")
        .setting("numbers", NUMBERS)
        .threads_axis()
        .pieces(4)
        .base("sequential", |()| sum(0, NUMBERS))
        .arm_over("threads", |(), threads| split(threads as u64))
        .arm("backwards", |()| (0..NUMBERS).rev().sum())
        .kind(lab::Kind::Sequential)
        .timeline("threads", Some(2))
        .agree(u64::to_string)
        .run()
}

fn sum(from: u64, to: u64) -> u64 {
    let _span = tracing::info_span!("add").entered();
    (from..to).sum()
}

fn split(threads: u64) -> u64 {
    thread::scope(|scope| {
        let part = |index| sum(NUMBERS * index / threads, NUMBERS * (index + 1) / threads);
        let workers: Vec<_> = (0..threads).map(|index| scope.spawn(move || part(index))).collect();
        workers.into_iter().map(|worker| worker.join().expect("adding does not panic")).sum()
    })
}
