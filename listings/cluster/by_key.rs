//! A dataflow on two workers: each word goes to the worker that keeps its
//! count.
//!
//! The threads are timely's, and no checker runs them. The tests compare the
//! counts with those of a loop.

// ANCHOR: program
use std::{cell::RefCell, collections::BTreeMap, rc::Rc};
use timely::dataflow::operators::{Exchange, Inspect, ToStream};

const LINES: [&str; 2] = ["the way to the end", "the end is near"];

pub fn main() -> Result<(), String> {
    let workers = timely::execute(timely::Config::process(2), |worker| {
        let counts = Rc::new(RefCell::new(BTreeMap::new()));
        let (mine, kept) = (LINES[worker.index()], Rc::clone(&counts));
        worker.dataflow::<u64, _, _>(|scope| {
            mine.split(' ')
                .map(String::from)
                .to_stream(scope)
                .container::<Vec<_>>()
                .exchange(|word| word.len() as u64)
                .inspect(move |word| {
                    *kept.borrow_mut().entry(word.clone()).or_insert(0) += 1;
                });
        });
        while worker.has_dataflows() {
            worker.step_or_park(None);
        }
        counts.take()
    })?;
    for (number, counts) in workers.join().into_iter().enumerate() {
        println!("worker {number} keeps {:?}", counts?);
    }
    Ok(())
}
// ANCHOR_END: program
