//! What it costs to have a job done that does nothing, by whom it is done.
//!
//! Runs locally only: it needs a broker, and starts processes.

use std::cell::RefCell;
use std::hint::black_box;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use rayon::prelude::*;
use tokio::runtime;

use crate::cluster::cluster_map::{Options, Outcomes, Running};
use crate::cluster::job::{Job, Worker};
use crate::cluster::queue::Error;

/// How many jobs each arm has done.
pub const CALLS: usize = 50_000_000;
pub const SPLIT: usize = 1_000_000;
pub const SENT: usize = 2_000;

/// Who does the jobs, where that is somebody else.
pub enum Others {
    None,
    Worker(Box<(runtime::Runtime, RefCell<Worker>)>),
    /// One engine, and a broker.
    Engine(Box<Running>),
}

impl Others {
    pub fn open(arm: &str) -> Result<Others, Error> {
        match arm {
            "process" => {
                let runtime = runtime::Builder::new_current_thread()
                    .enable_all()
                    .build()
                    .map_err(Error::at("a runtime"))?;
                let mut worker = Worker::default();
                let first = worker.run(&Job::Nothing, LIMIT);
                let _ = runtime.block_on(first);
                Ok(Others::Worker(Box::new((runtime, worker.into()))))
            }
            "engine" | "engine_alone" => {
                let running = Running::start(&Options::parse(&[])?, 1)?;
                Ok(Others::Engine(running.into()))
            }
            _ => Ok(Others::None),
        }
    }
}

const LIMIT: Duration = Duration::from_secs(10);

pub fn call(_: &Others) -> Outcomes {
    let jobs = black_box([Job::Nothing]);
    for _ in 0..CALLS {
        black_box(black_box(&jobs[0]).run()).map_err(Error::at("a job"))?;
    }
    Ok(Vec::new())
}

/// Each job can be stolen.
pub fn rayon(_: &Others) -> Outcomes {
    let run = |_| black_box(Job::Nothing).run();
    (0..SPLIT).into_par_iter().with_max_len(1).for_each(|number| {
        let _ = black_box(run(number));
    });
    Ok(Vec::new())
}

/// A line there, a line back; then the next.
pub fn process(others: &Others) -> Outcomes {
    let Others::Worker(both) = others else { return none() };
    let (runtime, worker) = &**both;
    let mut worker = worker.borrow_mut();
    let all = async {
        let mut outcomes = Vec::new();
        for _ in 0..SENT {
            outcomes.push(worker.run(&Job::Nothing, LIMIT).await);
        }
        outcomes
    };
    Ok(runtime.block_on(all))
}

/// All jobs are put into the queue, and one engine does them.
pub fn engine(others: &Others) -> Outcomes {
    let Others::Engine(running) = others else { return none() };
    running.begin(1)?.map(&vec![Job::Nothing; SENT])
}

/// One job at a time: the next is sent when the answer is there.
pub fn engine_alone(others: &Others) -> Outcomes {
    let Others::Engine(running) = others else { return none() };
    let cluster = running.begin(1)?;
    (0..SENT / 10).map(|_| cluster.apply(Job::Nothing)).collect()
}

fn none() -> Outcomes {
    Err(Error::new("a job", "there is nobody to do it"))
}

pub fn main() -> ExitCode {
    let timed = || -> Result<(), Error> {
        let others = Others::open("engine")?;
        let began = Instant::now();
        let outcomes = engine(&others)?;
        let each = began.elapsed() / outcomes.len() as u32;
        println!("{} jobs that do nothing: {each:.0?} each", outcomes.len());
        Ok(())
    };
    match timed() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}
