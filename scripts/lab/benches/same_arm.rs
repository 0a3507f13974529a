//! Forty real A/A experiments on this machine: how often is an arm called different from itself, and how
//! often are the rounds of one arm said to fall into two groups? And what an arm costs that does nothing.
//!
//! `cargo bench -p lab` prints a line for each and the count. It is no test: a loud machine is not a bug.

use std::env;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use lab::Experiment;
use lab::groups::groups;
use lab::record::{Care, Point};
use lab::rounds::{self, Failure, Runner};
use lab::statistics::Verdict;

const EXPERIMENTS: u64 = 40;
const EMPTY_ARMS: usize = 101;

/// Work of about twenty milliseconds that an optimizer cannot leave out.
fn compute() -> u64 {
    (0..8_000_000_u64).fold(1, |x, i| (x ^ i).wrapping_mul(0x0100_0000_01b3).rotate_left(5))
}

fn experiment() -> Experiment<(), u64> {
    Experiment::new("same_arm", "Time to do the same thing twice")
        .base("sequential", |()| compute())
        .arm("other", |()| compute())
        .agree(u64::to_string)
}

fn nothing() -> Experiment<(), ()> {
    Experiment::new("nothing", "Time to do nothing").arm("empty", |()| ())
}

fn main() -> ExitCode {
    // Cargo passes `--bench`; a fresh process for an arm is told `arm NAME`.
    if env::args().skip(1).eq(["arm", "empty"]) {
        return nothing().run();
    }
    if matches!(env::args().nth(1).as_deref(), Some("arm" | "describe")) {
        return experiment().run();
    }
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("error: {why}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), Box<dyn std::error::Error>> {
    let runner = Runner::new(env::current_exe()?, Vec::new());
    let (timed, whole) = empty_arm(&runner)?;
    println!(
        "an empty arm takes {timed} ns, and its process {whole:.1?} (medians of {EMPTY_ARMS})"
    );
    let (arm, base) = (Point::new("other", None), Point::new("sequential", None));
    let description = runner.describe()?;
    let (mut different, mut grouped, mut aside) = (0, 0, 0);
    for number in 1..=EXPERIMENTS {
        let measurement =
            rounds::measure(&runner, &description, Care::Default, number).map_err(failure)?;
        let (ratio, verdict) = measurement.compare(&arm, &base).ok_or("no round was kept")?;
        different += usize::from(matches!(verdict, Verdict::Faster | Verdict::Slower));
        let two = [&arm, &base].map(|point| groups(&measurement.seconds(point)).is_some());
        grouped += two.iter().filter(|two| **two).count();
        aside += measurement.rounds.iter().filter(|round| round.set_aside.is_some()).count();
        println!(
            "{number:>2}  [{:.3}, {:.3}]  median {:.3}  {}",
            ratio.low,
            ratio.high,
            ratio.median,
            verdict.words()
        );
    }
    println!("{different} of {EXPERIMENTS} called different, {aside} rounds set aside");
    println!("{grouped} of {} arms said to fall into two groups of rounds", 2 * EXPERIMENTS);
    Ok(())
}

/// Nanoseconds that clock and counters add to every arm, and how long its process takes from its start until
/// all of it is collected.
fn empty_arm(runner: &Runner) -> Result<(u64, Duration), String> {
    let empty = Point::new("empty", None);
    let (mut timed, mut whole) = (Vec::new(), Vec::new());
    for _ in 0..EMPTY_ARMS {
        let began = Instant::now();
        timed.push(runner.arm(&empty, false).map_err(failure)?.wall_ns);
        whole.push(began.elapsed());
    }
    timed.sort_unstable();
    whole.sort_unstable();
    Ok((timed[EMPTY_ARMS / 2], whole[EMPTY_ARMS / 2]))
}

fn failure(failure: Failure) -> String {
    failure.to_string()
}
