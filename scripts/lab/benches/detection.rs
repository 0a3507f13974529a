//! How small a difference is found on this machine, and how often is nothing called something?
//!
//! `cargo bench -p lab --bench detection` measures an experiment forty times with the default protocol. Its
//! arms do the base's work and 0, 5, 10 and 25 % more of it, of about 100 milliseconds; each is judged as
//! every arm of the book is. The first 6 and the first 9 rounds of the same trials say what a quick look
//! would have found. It is no test: a loud machine is not a bug.

use std::env;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use lab::Experiment;
use lab::record::{Care, Measurement, Point};
use lab::rounds::{self, Failure, Runner};
use lab::statistics::Verdict;

const TRIALS: u64 = 40;
/// An arm's name, and what it does more than the base, in percent.
const ARMS: [(&str, u64); 4] = [("nothing", 0), ("five", 5), ("ten", 10), ("quarter", 25)];
/// Of so many rounds, the first of each trial.
const ROUNDS: [usize; 3] = [6, 9, 15];
/// Steps of the base's work.
const STEPS: u64 = 56_000_000;

/// Work that an optimizer cannot leave out: the same for every arm, some of them do more of it.
#[inline(never)]
fn compute(more_percent: u64) -> u64 {
    let steps = STEPS + STEPS * more_percent / 100;
    (0..steps).fold(1, |x, i| (x ^ i).wrapping_mul(0x0100_0000_01b3).rotate_left(5))
}

fn experiment() -> Experiment<(), u64> {
    let base = Experiment::new("detection", "Time to do a little more")
        .base("sequential", |()| compute(0));
    ARMS.into_iter().fold(base, |all, (name, more)| all.arm(name, move |()| compute(more)))
}

fn main() -> ExitCode {
    // Cargo passes `--bench`; a fresh process for an arm is told `arm NAME`.
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
    let description = runner.describe()?;
    let mut trials = Vec::new();
    let began = Instant::now();
    for seed in 1..=TRIALS {
        let failure = |failure: Failure| failure.to_string();
        trials.push(rounds::measure(&runner, &description, Care::Default, seed).map_err(failure)?);
    }
    print(&trials, began.elapsed());
    Ok(())
}

/// A row for each injected difference, a column for each number of rounds.
fn print(trials: &[Measurement], took: Duration) {
    println!("called faster or slower, of {} trials each:", trials.len());
    println!("  more work  {}", ROUNDS.map(|rounds| format!("{rounds:>2} rounds")).join("  "));
    for (name, more) in ARMS {
        let cells = ROUNDS.map(|rounds| format!("{:>9}", found(trials, name, rounds)));
        println!("  {:>9}  {}", format!("{more} %"), cells.join("  "));
    }
    let rounds = trials.iter().flat_map(|trial| &trial.rounds);
    let (aside, all) =
        (rounds.clone().filter(|round| round.set_aside.is_some()).count(), rounds.count());
    // A trial of the book's kind has the base, the base again and one arm; these have three arms more.
    let runs = trials.first().map_or(1, |trial| trial.description.points().len());
    let each = took.as_secs_f64() / trials.len() as f64;
    println!(
        "{each:.1} s a trial of {runs} runs a round, {:.1} s of it for base, base again and one arm; \
         {aside} of {all} rounds set aside",
        each * 3.0 / runs as f64
    );
}

/// In how many trials the arm is called faster or slower by their first kept rounds.
fn found(trials: &[Measurement], arm: &str, rounds: usize) -> usize {
    let (arm, base) = (Point::new(arm, None), Point::new("sequential", None));
    let called = |trial: &&Measurement| {
        let kept = trial.kept().take(rounds).cloned().collect();
        let first = Measurement { rounds: kept, ..(*trial).clone() };
        let verdict = first.compare(&arm, &base).map(|(_, verdict)| verdict);
        matches!(verdict, Some(Verdict::Faster | Verdict::Slower))
    };
    trials.iter().filter(called).count()
}
