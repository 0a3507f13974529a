//! One service, every way: ten requests, each of which waits and computes five
//! times over.
//!
//! Before each of its transforms, a request waits for something that is far
//! away; then it computes the Fourier transform of random numbers. The waits
//! are the same in every form, and in Python.
//!
//! Runs locally only: one of its forms starts processes, and it uses the crate
//! `realfft`.

use std::cell::RefCell;
use std::env;
use std::io::{self, Write};
use std::panic;
use std::process::{Command, ExitCode, Stdio};
use std::sync::Arc;
use std::thread::{self, ScopedJoinHandle};
use std::time::Duration;

use rand::rngs::SmallRng;
use rand::{RngExt, SeedableRng};
use realfft::num_complex::Complex;
use realfft::{RealFftPlanner, RealToComplex};
use tokio::runtime;
use tokio::sync::oneshot;
use tracing::{Instrument, info_span};

use crate::command_line::{Usage, arguments, arguments_of_role, exit_code};
use crate::service::heartbeat::{Calls, no_calls};
use crate::service::service_request::error::Error;
use crate::service::service_request::options::{Options, USAGE};
use crate::service::service_request::report::table;

pub mod error;
pub mod options;
pub mod report;

// ANCHOR: request
/// One request: what it does before it can be answered, in this order.
#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    pub number: usize,
    pub steps: Vec<Step>,
}

/// A wait for something far away, and then a computation.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Step {
    pub wait: Duration,
    /// Decides the random numbers of this step.
    pub seed: u64,
}

impl Request {
    /// The mean over all steps, given the means of the steps.
    fn answer(&self, means: f64) -> Mean {
        means / self.steps.len() as f64
    }

    /// What it takes at least, were computing free.
    pub fn waits(&self) -> Duration {
        self.steps.iter().map(|step| step.wait).sum()
    }
}
// ANCHOR_END: request

// ANCHOR: serve
/// The requests, and what is needed to answer them.
pub struct Service {
    pub requests: Vec<Request>,
    pub transform: Transform,
    pub options: Options,
}

/// The mean of all the numbers that a request has transformed: about a half.
pub type Mean = f64;

impl Service {
    /// Answers one request. The thread that calls this does nothing else.
    pub fn serve(&self, request: &Request) -> Mean {
        let mut means = 0.0;
        for step in &request.steps {
            wait(step.wait);
            means += self.transform.run(step.seed);
        }
        request.answer(means)
    }
}

fn wait(time: Duration) {
    let _waiting = info_span!("wait", ended_by = "the clock").entered();
    thread::sleep(time);
}
// ANCHOR_END: serve

// ANCHOR: requests
const REQUESTS: usize = 10;
const STEPS: usize = 5;

/// Ten requests of five steps, each wait drawn from 0 up to `longest`. A linear
/// congruential generator draws them, since that is one line in any language.
/// Source of its constants: Knuth's MMIX generator, *The Art of Computer
/// Programming*, volume 2, section 3.3.4.
pub fn requests(longest: Duration) -> Vec<Request> {
    let mut state: u64 = 18;
    let mut wait = || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let fraction = (state >> 11) as f64 / (1_u64 << 53) as f64;
        let microseconds = longest.as_micros() as f64 * fraction;
        Duration::from_micros(microseconds as u64)
    };
    let request = |number| {
        let seed = |step| (number * STEPS + step) as u64;
        let steps =
            (0..STEPS).map(|step| Step { wait: wait(), seed: seed(step) });
        Request { number, steps: steps.collect() }
    };
    (0..REQUESTS).map(request).collect()
}
// ANCHOR_END: requests

// ANCHOR: sequential
/// The answers to the requests, in their order.
pub type Answers = Result<Vec<Mean>, Error>;

/// One request after the other; calls are answered between two of them.
pub fn sequential(service: &Service, mut calls: Calls) -> Answers {
    let answer = |request| {
        let answer = service.serve(request);
        calls.answer_those_who_wait();
        answer
    };
    Ok(service.requests.iter().map(answer).collect())
}
// ANCHOR_END: sequential

// ANCHOR: threads
/// A thread for each request.
pub fn threads(service: &Service) -> Answers {
    thread::scope(|scope| {
        let start = |request| scope.spawn(move || service.serve(request));
        let threads: Vec<_> = service.requests.iter().map(start).collect();
        Ok(threads.into_iter().map(result_of).collect())
    })
}

/// Waits until a thread is done. Had it panicked, its panic goes on here.
fn result_of<T>(thread: ScopedJoinHandle<'_, T>) -> T {
    match thread.join() {
        Ok(result) => result,
        Err(panic) => panic::resume_unwind(panic),
    }
}
// ANCHOR_END: threads

// ANCHOR: task
/// Answers one request; `transform` says where the computing is done.
async fn serve_as_task<F>(
    request: Request,
    transform: impl Fn(u64) -> F,
) -> Result<Mean, Error>
where
    F: Future<Output = Result<Mean, Error>>,
{
    let mut means = 0.0;
    for step in &request.steps {
        let waiting = info_span!("wait");
        tokio::time::sleep(step.wait).instrument(waiting).await;
        means += transform(step.seed).await?;
    }
    Ok(request.answer(means))
}

/// A task for each request, on the runtime that runs this, and one more that
/// answers calls.
async fn all_as_tasks<F>(
    service: &Service,
    calls: Calls,
    transform: impl Fn(u64) -> F + Clone + Send + 'static,
) -> Answers
where
    F: Future<Output = Result<Mean, Error>> + Send + 'static,
{
    tokio::spawn(calls.answer_all());
    let start = |request: &Request| {
        let task = info_span!("task", name = request.number);
        let served = serve_as_task(request.clone(), transform.clone());
        tokio::spawn(served.instrument(task))
    };
    let tasks: Vec<_> = service.requests.iter().map(start).collect();
    let mut answers = Vec::new();
    for task in tasks {
        answers.push(task.await.map_err(io::Error::other)??);
    }
    Ok(answers)
}
// ANCHOR_END: task

// ANCHOR: one_thread
/// All tasks on the thread that calls this; they compute there as well.
pub fn tasks_one_thread(service: &Service, calls: Calls) -> Answers {
    let one_thread =
        runtime::Builder::new_current_thread().enable_time().build()?;
    let transform = service.transform.clone();
    one_thread.block_on(all_as_tasks(service, calls, move |seed| {
        let transform = transform.clone();
        async move { Ok(transform.run(seed)) }
    }))
}
// ANCHOR_END: one_thread

// ANCHOR: multi_thread
/// A runtime with a thread for each core: tasks move to where there is room.
pub fn tasks_multi_thread(service: &Service, calls: Calls) -> Answers {
    let threads = runtime::Builder::new_multi_thread().enable_time().build()?;
    let transform = service.transform.clone();
    threads.block_on(all_as_tasks(service, calls, move |seed| {
        let transform = transform.clone();
        async move { Ok(transform.run(seed)) }
    }))
}
// ANCHOR_END: multi_thread

// ANCHOR: rayon
/// Tasks on one thread do the waiting, rayon's pool does the computing.
pub fn tasks_rayon(service: &Service, calls: Calls) -> Answers {
    let one_thread =
        runtime::Builder::new_current_thread().enable_time().build()?;
    let transform = service.transform.clone();
    one_thread.block_on(all_as_tasks(service, calls, move |seed| {
        let transform = transform.clone();
        let (done, result) = oneshot::channel();
        rayon::spawn(move || {
            // A request that nobody waits for any more needs no answer.
            let _ = done.send(transform.run(seed));
        });
        async move { result.await.map_err(|_| Error::Lost) }
    }))
}
// ANCHOR_END: rayon

// ANCHOR: processes
/// This program again, once for each request.
pub fn processes(service: &Service) -> Answers {
    thread::scope(|scope| {
        let start =
            |request| scope.spawn(move || serve_elsewhere(service, request));
        let asked: Vec<_> = service.requests.iter().map(start).collect();
        asked.into_iter().map(result_of).collect()
    })
}

/// Names the request on the command line, and reads the answer from the
/// process's output.
fn serve_elsewhere(
    service: &Service,
    request: &Request,
) -> Result<Mean, Error> {
    let _waiting =
        info_span!("wait for process", ended_by = "the process").entered();
    let process = Command::new(env::current_exe()?)
        .arg("serve-request")
        .args(service.options.arguments())
        .args(["--request", &request.number.to_string()])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()?;
    let output = process.wait_with_output()?;
    let answer = String::from_utf8_lossy(&output.stdout);
    answer.trim().parse().map_err(|_| Error::Process {
        request: request.number,
        how: output.status.to_string(),
    })
}
// ANCHOR_END: processes

/// What a process does that was started for one request: prints the answer.
pub fn worker() -> ExitCode {
    exit_code(USAGE, || {
        let service = Service::open(&arguments_of_role())?;
        let number = service.options.request.unwrap_or(0);
        let Some(request) = service.requests.get(number) else {
            return Err(Usage(format!("there is no request {number}")).into());
        };
        Ok(writeln!(io::stdout(), "{}", service.serve(request))?)
    })
}

/// All the computing and none of the waiting, on one thread.
pub fn compute_only(service: &Service) -> Answers {
    let compute = |request: &Request| {
        let steps = request.steps.iter();
        let means = steps.map(|step| service.transform.run(step.seed)).sum();
        request.answer(means)
    };
    Ok(service.requests.iter().map(compute).collect())
}

/// The request with the longest waits, with the machine to itself.
pub fn longest_request(service: &Service) -> Answers {
    let longest = service.requests.iter().max_by_key(|r| r.waits());
    Ok(longest.map(|request| service.serve(request)).into_iter().collect())
}

impl Service {
    /// Works out how to transform, before the first request comes.
    ///
    /// # Errors
    /// Says what it does not understand.
    pub fn open(arguments: &[String]) -> Result<Service, Usage> {
        let options = Options::parse(arguments)?;
        Ok(Service {
            requests: requests(options.wait),
            transform: Transform::of(options.size),
            options,
        })
    }

    /// Transforms once, so that this thread has touched its memory before the
    /// first request comes.
    pub fn warm_up(self) -> Service {
        self.transform.run(0);
        self
    }
}

// ANCHOR: transform
/// How to transform so many numbers: worked out once, shared by all threads.
#[derive(Clone)]
pub struct Transform {
    plan: Arc<dyn RealToComplex<f64>>,
}

/// The memory of one transform at a time.
struct Workspace {
    numbers: Vec<f64>,
    spectrum: Vec<Complex<f64>>,
    scratch: Vec<Complex<f64>>,
}

thread_local! {
    /// Every thread has its own, made for its first transform and kept.
    static WORKSPACE: RefCell<Option<Workspace>> = const { RefCell::new(None) };
}

impl Transform {
    /// Draws random numbers and transforms them; returns their mean, which is
    /// the spectrum's first value. It computes all the time, and never waits.
    pub fn run(&self, seed: u64) -> Mean {
        let _computing = info_span!("transform").entered();
        WORKSPACE.with_borrow_mut(|kept| {
            let Workspace { numbers, spectrum, scratch } = self.space(kept);
            let mut random = SmallRng::seed_from_u64(seed);
            numbers.fill_with(|| random.random());
            self.plan
                .process_with_scratch(numbers, spectrum, scratch)
                .expect("the workspace was made for this plan");
            spectrum[0].re / numbers.len() as f64
        })
    }
}
// ANCHOR_END: transform

impl Transform {
    fn of(size: usize) -> Transform {
        Transform { plan: RealFftPlanner::new().plan_fft_forward(size) }
    }

    /// What the thread has kept, if it is of this size; otherwise a new one.
    fn space<'a>(&self, kept: &'a mut Option<Workspace>) -> &'a mut Workspace {
        let size = self.plan.len();
        if kept.as_ref().is_some_and(|space| space.numbers.len() != size) {
            *kept = None;
        }
        kept.get_or_insert_with(|| Workspace {
            numbers: self.plan.make_input_vec(),
            spectrum: self.plan.make_output_vec(),
            scratch: self.plan.make_scratch_vec(),
        })
    }
}

pub fn main() -> ExitCode {
    exit_code(USAGE, || {
        let service = Service::open(&arguments())?;
        let answers = tasks_rayon(&service, no_calls())?;
        Ok(io::stdout().write_all(table(&service, &answers).as_bytes())?)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn service(arguments: &[&str]) -> Service {
        let arguments: Vec<String> =
            arguments.iter().map(|argument| argument.to_string()).collect();
        Service::open(&arguments).unwrap()
    }

    #[test]
    fn the_transform_is_the_one_of_the_definition() {
        let transform = Transform::of(1_000);
        let mean = transform.run(7);
        let mut random = SmallRng::seed_from_u64(7);
        let numbers: Vec<f64> = (0..1_000).map(|_| random.random()).collect();
        assert!((mean - numbers.iter().sum::<f64>() / 1_000.0).abs() < 1e-12);
        WORKSPACE.with_borrow(|kept| {
            let spectrum = &kept.as_ref().unwrap().spectrum;
            for frequency in [0, 1, 250, 499, 500] {
                let turn = -std::f64::consts::TAU * frequency as f64 / 1_000.0;
                let defined: Complex<f64> = (0..)
                    .zip(&numbers)
                    .map(|(at, x)| Complex::from_polar(*x, turn * at as f64))
                    .sum();
                let difference = (spectrum[frequency] - defined).norm();
                assert!(difference < 1e-9, "{frequency}: {difference}");
            }
        });
    }

    #[test]
    fn every_form_gives_the_answers_of_the_loop() {
        let service = service(&["--wait", "1ms", "--size", "2000"]);
        let expected = sequential(&service, no_calls()).unwrap();
        assert_eq!(expected.len(), 10);
        assert_eq!(threads(&service).unwrap(), expected);
        assert_eq!(tasks_one_thread(&service, no_calls()).unwrap(), expected);
        assert_eq!(tasks_multi_thread(&service, no_calls()).unwrap(), expected);
        assert_eq!(tasks_rayon(&service, no_calls()).unwrap(), expected);
        assert_eq!(compute_only(&service).unwrap(), expected);
        let longest = longest_request(&service).unwrap();
        assert!(longest.len() == 1 && expected.contains(&longest[0]));
    }

    #[test]
    fn a_thread_keeps_its_memory_and_makes_it_anew_for_another_size() {
        let small = Transform::of(1_000);
        let first = small.run(1);
        let place = || {
            WORKSPACE.with_borrow(|kept| {
                kept.as_ref().unwrap().numbers.as_ptr() as usize
            })
        };
        let at = place();
        assert_eq!(small.run(1), first, "the numbers follow from the seed");
        assert_eq!(place(), at, "the memory was made again");
        assert!((Transform::of(5_000).run(1) - 0.5).abs() < 0.1);
        assert_eq!(small.run(1), first);
    }

    #[test]
    fn waits_are_below_the_longest_and_grow_with_it() {
        let short = requests(Duration::from_millis(10));
        let long = requests(Duration::from_secs(1));
        assert_eq!(short.iter().map(|r| r.steps.len()).sum::<usize>(), 50);
        let steps = |all: &[Request]| -> Vec<Step> {
            all.iter().flat_map(|r| r.steps.clone()).collect()
        };
        for (short, long) in steps(&short).iter().zip(steps(&long)) {
            assert!(short.wait < Duration::from_millis(10));
            let scaled = long.wait / 100;
            assert!(short.wait.abs_diff(scaled) <= Duration::from_micros(1));
        }
    }
}
