// Two jobs of two steps each, done in four ways: in which order do the steps
// come, and how long does it take?
//
// The form with threads is checked by shuttle, which includes this file and
// looks for every order of the steps.
//
// Runs locally only: one of its forms starts processes.

use std::collections::BTreeMap;
use std::env;
use std::hint::{self, black_box};
use std::io::{self, Read, Write};
use std::process::{Command, ExitCode};
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, OnceLock};
use std::thread;

use tokio::{runtime, task::yield_now};
use tracing::{Instrument, Span, info_span};

// ANCHOR: jobs
/// Two steps, in this order.
fn do_first(step: impl Fn(char)) {
    step('1');
    step('2');
}

/// Two steps, in this order. They need nothing from the first job.
fn do_second(step: impl Fn(char)) {
    step('A');
    step('B');
}
// ANCHOR_END: jobs

// ANCHOR: page
/// A page with four lines, for the names of the steps in the order in which
/// they were done.
pub struct Page {
    /// How long a step computes: so many multiplications.
    effort: u64,
    next: AtomicUsize,
    lines: [OnceLock<char>; 4],
}

impl Page {
    pub fn new(effort: u64) -> Arc<Page> {
        let (next, lines) = (AtomicUsize::new(0), Default::default());
        Arc::new(Page { effort, next, lines })
    }

    /// Computes, and then writes the step's name on the next free line.
    fn step(&self, name: char) {
        let _running = info_span!("step", n = %name).entered();
        compute(self.effort);
        let line = self.next.fetch_add(1, Relaxed);
        self.lines[line].set(name).expect("no two steps get the same line");
    }

    /// What is on the page: "1 2 A B".
    pub fn order(&self) -> String {
        let names = self.lines.iter().filter_map(OnceLock::get);
        names.map(char::to_string).collect::<Vec<_>>().join(" ")
    }
}

fn compute(multiplications: u64) {
    black_box(
        (0..multiplications).fold(1_u64, |x, _| black_box(x.wrapping_mul(31))),
    );
}
// ANCHOR_END: page

// ANCHOR: one_after_the_other
/// One thing at a time, the second when the first is done.
pub fn one_after_the_other(page: &Page) {
    do_first(|name| page.step(name));
    do_second(|name| page.step(name));
}
// ANCHOR_END: one_after_the_other

// ANCHOR: tasks
/// Two tasks on one thread. At `yield_now` a task lets the other one go on.
pub fn tasks(page: &Arc<Page>) -> io::Result<()> {
    let first = take_turns(Arc::clone(page), ['1', '2']);
    let second = take_turns(Arc::clone(page), ['A', 'B']);
    let one_thread = runtime::Builder::new_current_thread().build()?;
    one_thread.block_on(async {
        let first = tokio::spawn(first.instrument(lane("first")));
        let second = tokio::spawn(second.instrument(lane("second")));
        first.await?;
        second.await?;
        Ok(())
    })
}

async fn take_turns(page: Arc<Page>, steps: [char; 2]) {
    for name in steps {
        page.step(name);
        yield_now().await;
    }
}
// ANCHOR_END: tasks

/// A line of its own in the timeline.
fn lane(name: &str) -> Span {
    info_span!("task", name)
}

// ANCHOR: threads
/// A thread for each job. Neither begins before both are there.
pub fn threads(page: &Page) {
    let arrived = AtomicU32::new(0);
    thread::scope(|scope| {
        scope.spawn(|| {
            wait_for_both(&arrived);
            do_first(|name| page.step(name));
        });
        scope.spawn(|| {
            wait_for_both(&arrived);
            do_second(|name| page.step(name));
        });
    });
}
// ANCHOR_END: threads

/// Looks again and again whether the other one is there; where there is no
/// second core, lets it come.
// ANCHOR: wait_for_both
fn wait_for_both(arrived: &AtomicU32) {
    arrived.fetch_add(1, Relaxed);
    let mut turns = 0;
    while arrived.load(Relaxed) < 2 {
        turns += 1;
        if turns % 1_000 == 0 {
            thread::yield_now();
        } else {
            hint::spin_loop();
        }
    }
}
// ANCHOR_END: wait_for_both

// ANCHOR: plain_spawn
/// A thread for each job, started one after the other.
pub fn plain_spawn(page: &Page) {
    thread::scope(|scope| {
        scope.spawn(|| do_first(|name| page.step(name)));
        scope.spawn(|| do_second(|name| page.step(name)));
    });
}
// ANCHOR_END: plain_spawn

// ANCHOR: processes
/// This program twice more, once for each job. All that the two have in common
/// is the pipe that both write into. Returns the order of what comes out of it.
pub fn processes(effort: u64) -> io::Result<String> {
    let (wait_here, starting_signal) = io::pipe()?;
    let (mut page, pen) = io::pipe()?;
    let start = |job| {
        Command::new(env::current_exe()?)
            .arg(job)
            .arg(effort.to_string())
            .stdin(wait_here.try_clone()?)
            .stdout(pen.try_clone()?)
            .spawn()
    };
    let mut workers = [start("do-first")?, start("do-second")?];
    drop(pen);
    page.read_exact(&mut [0; 2])?; // each says that it is there
    drop(starting_signal); // the end of what both of them read
    let order = read_order(page);
    for worker in &mut workers {
        worker.wait()?;
    }
    order
}
// ANCHOR_END: processes

// ANCHOR: worker
/// What such a process does: says that it is there, waits for the signal, does
/// its job, and writes the name of each step into the pipe.
fn worker(job: fn(&dyn Fn(char))) -> ExitCode {
    let effort = env::args().nth(2).and_then(|n| n.parse().ok()).unwrap_or(0);
    let write = |name: char| {
        let mut pipe = io::stdout().lock();
        pipe.write_all(&[name as u8]).and_then(|()| pipe.flush())
    };
    let ready = write('.').and_then(|()| io::stdin().read(&mut [0]));
    if let Err(error) = ready {
        eprintln!("error: waiting for the signal to start: {error}");
        return ExitCode::FAILURE;
    }
    job(&|name| {
        compute(effort);
        write(name).expect("the pipe is open until both jobs are done");
    });
    ExitCode::SUCCESS
}
// ANCHOR_END: worker

pub fn first_worker() -> ExitCode {
    worker(|step| do_first(step))
}

pub fn second_worker() -> ExitCode {
    worker(|step| do_second(step))
}

/// Reads the names of the four steps as they come. The timeline gets a line for
/// each process: a step lasts until its name is here.
fn read_order(mut page: impl Read) -> io::Result<String> {
    let jobs = [("first", ["1", "2"]), ("second", ["A", "B"])];
    let mut running = jobs.map(|(job, steps)| {
        let lane = info_span!("task", name = job);
        let step = info_span!(parent: &lane, "step", n = steps[0]);
        (lane, step.entered(), steps[1])
    });
    let mut order = Vec::new();
    for _ in 0..4 {
        let mut name = [0];
        page.read_exact(&mut name)?;
        let (lane, step, next) = &mut running[usize::from(name[0] > b'9')];
        let ended = std::mem::replace(step, Span::none().entered());
        drop(ended);
        if name[0] == b'1' || name[0] == b'A' {
            *step = info_span!(parent: &*lane, "step", n = *next).entered();
        }
        order.push(char::from(name[0]).to_string());
    }
    Ok(order.join(" "))
}

// ANCHOR: forms
/// The ways of doing both jobs.
#[derive(Clone, Copy)]
pub enum Form {
    OneAfterTheOther,
    Tasks,
    PlainSpawn,
    Threads,
    Processes,
}

/// Does both jobs once. Returns the order in which their steps were done.
pub fn run(form: Form, effort: u64) -> io::Result<String> {
    let page = Page::new(effort);
    match form {
        Form::OneAfterTheOther => one_after_the_other(&page),
        Form::Tasks => tasks(&page)?,
        Form::PlainSpawn => plain_spawn(&page),
        Form::Threads => threads(&page),
        Form::Processes => return processes(effort),
    }
    Ok(page.order())
}

/// How many of so many runs had which order.
pub fn orders(
    form: Form,
    effort: u64,
    runs: u64,
) -> io::Result<BTreeMap<String, u64>> {
    let mut orders = BTreeMap::new();
    for _ in 0..runs {
        *orders.entry(run(form, effort)?).or_default() += 1;
    }
    Ok(orders)
}
// ANCHOR_END: forms

// ANCHOR: main
pub fn main() -> ExitCode {
    // What `processes` starts is this program too, with a job to do.
    match env::args().nth(1).as_deref() {
        Some("do-first") => return first_worker(),
        Some("do-second") => return second_worker(),
        _ => {}
    }
    let forms = [
        ("one after the other", Form::OneAfterTheOther),
        ("tasks", Form::Tasks),
        ("threads", Form::Threads),
        ("processes", Form::Processes),
    ];
    for (name, form) in forms {
        match run(form, 0) {
            Ok(order) => println!("{name:20} {order}"),
            Err(error) => {
                eprintln!("error: {name}: {error}");
                return ExitCode::FAILURE;
            }
        }
    }
    ExitCode::SUCCESS
}
// ANCHOR_END: main

#[cfg(test)]
mod tests {
    use super::*;

    const POSSIBLE: [&str; 6] =
        ["1 2 A B", "1 A 2 B", "1 A B 2", "A 1 2 B", "A 1 B 2", "A B 1 2"];

    #[test]
    fn one_after_the_other_has_one_order() {
        assert_eq!(run(Form::OneAfterTheOther, 1).unwrap(), "1 2 A B");
    }

    #[test]
    fn tasks_that_yield_are_both_under_way_before_one_is_done() {
        // Whose turn comes next is the runtime's business.
        for order in orders(Form::Tasks, 0, 100).unwrap().keys() {
            assert!(POSSIBLE.contains(&order.as_str()), "{order}");
            assert!(!["1 2 A B", "A B 1 2"].contains(&order.as_str()));
        }
    }

    #[test]
    fn threads_never_swap_the_steps_of_one_job() {
        for form in [Form::Threads, Form::PlainSpawn] {
            let orders = orders(form, 0, 200).unwrap();
            assert_eq!(orders.values().sum::<u64>(), 200);
            for order in orders.keys() {
                assert!(POSSIBLE.contains(&order.as_str()), "{order}");
            }
        }
    }

    #[test]
    fn steps_are_read_in_the_order_in_which_processes_write_them() {
        for order in POSSIBLE {
            let written = order.replace(' ', "");
            assert_eq!(read_order(written.as_bytes()).unwrap(), order);
        }
        assert!(read_order(&b"1A"[..]).is_err(), "a process ended early");
    }
}
