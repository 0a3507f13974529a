//! What an example does with its command line: its demo, or one of the lab's commands.
//!
//! `describe` and `arm` are for `course`; `measure` is for people.

use std::env;
use std::fs;
use std::hint::black_box;
use std::io::{self, Read, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Barrier;
use std::thread;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use clap::{Arg, ArgAction, ArgMatches, Command};

use crate::experiment::{Experiment, Work};
use crate::foreign;
use crate::protocol::{PEAKS, SUPERVISED, print_sample, shortened};
use crate::record::{BASE_AGAIN, CEILING, Care, Description, Point, Sample};
use crate::rounds::{self, Runner};
use crate::terminal;
use crate::timeline::Recorder;
use crate::usage;

impl<T, A> Experiment<T, A> {
    /// Does what the command line says; without one of the lab's commands, runs the demo.
    pub fn run(mut self) -> ExitCode {
        let arguments: Vec<String> = env::args().collect();
        let first = arguments.get(1).map_or("", String::as_str);
        if let Some((_, main)) = self.roles.iter().find(|(name, _)| name == first) {
            let began = SystemTime::now();
            let code = main();
            report_peak(began);
            return code;
        }
        if matches!(first, "describe" | "measure") {
            self.look_for_interpreters();
        }
        let done = match first {
            "describe" | "arm" | "measure" | "help" | "--help" | "-h" => self.command(arguments),
            _ => return self.run_demo(),
        };
        match done {
            Ok(()) => ExitCode::SUCCESS,
            Err(message) => {
                eprintln!("error: {message}");
                ExitCode::FAILURE
            }
        }
    }

    fn run_demo(&self) -> ExitCode {
        match &self.demo {
            Some(main) => main(),
            None => {
                eprintln!("error: `{}` has no demo; try `-- measure`", self.description.name);
                ExitCode::FAILURE
            }
        }
    }

    fn command(&self, arguments: Vec<String>) -> Result<(), String> {
        let matches = parser(&self.description, &self.options).get_matches_from(arguments);
        match matches.subcommand() {
            Some(("describe", _)) => describe(&self.description),
            Some(("arm", matches)) => self.run_arm(matches),
            Some(("measure", matches)) => measure(&self.description, matches),
            _ => Err("no such command; try `-- --help`".into()),
        }
    }

    /// Runs one arm once, and prints its sample as one line of JSON.
    fn run_arm(&self, matches: &ArgMatches) -> Result<(), String> {
        if env::var_os(SUPERVISED).is_some() {
            end_with_standard_input();
        }
        let name = matches.get_one::<String>("NAME").expect("clap requires it");
        let at = matches.get_one::<u64>("at").copied();
        let point = Point::new(name, at);
        let options = own_options(matches);
        let mut sample = if matches.get_flag("timeline") {
            let recorder = recorder()?;
            let mut sample = self.sample(&point, &options, Some(&recorder))?;
            sample.lanes = Some(recorder.lanes());
            sample
        } else {
            self.sample(&point, &options, None)?
        };
        sample.arm = point.arm;
        sample.at = point.at;
        print_sample(&sample)
    }

    fn sample(
        &self,
        point: &Point,
        options: &[String],
        recorder: Option<&Recorder>,
    ) -> Result<Sample, String> {
        let again = point.arm == BASE_AGAIN;
        match point.arm.as_str() {
            CEILING => return self.ceiling(point.at.unwrap_or(1) as usize, options),
            name if !again && self.description.arm(name).is_none() => {
                let names: Vec<&str> =
                    self.description.arms.iter().map(|arm| arm.name.as_str()).collect();
                return Err(format!("no arm named `{name}`; there are: {}", names.join(", ")));
            }
            _ => {}
        }
        let name = if again { self.base_name()? } else { point.arm.as_str() };
        let index = self.description.arms.iter().position(|arm| arm.name == name);
        let work = &self.work[index.ok_or("the base is no arm")?];
        let input = (self.input)(options)?;
        match (work, point.at) {
            (Work::Once(work), None) => self.timed(recorder, || work(&input)),
            (Work::At(work), Some(at)) => self.timed(recorder, || work(&input, at as usize)),
            (Work::Ready(ready), Some(at)) => {
                let work = ready(&input, at as usize);
                self.timed(recorder, work)
            }
            (Work::Foreign(script, arguments), at) => {
                let mut command = script.command()?;
                arguments(&mut command, &input, at.map(|at| at as usize));
                let sample = foreign::run(command)?;
                let peak_bytes = with_processes(sample.peak_bytes)?;
                Ok(Sample { peak_bytes, ..sample })
            }
            (Work::Once(_), Some(_)) => {
                Err(format!("the arm `{name}` has no axis: leave `--at` out"))
            }
            (Work::At(_) | Work::Ready(_), None) => {
                Err(format!("the arm `{name}` goes over an axis: add `--at N`"))
            }
        }
    }

    fn base_name(&self) -> Result<&str, String> {
        self.description.base.as_deref().ok_or_else(|| "this experiment has no base".to_string())
    }

    /// Runs the work once between two readings of clock and counters.
    fn timed(
        &self,
        recorder: Option<&Recorder>,
        work: impl FnOnce() -> A,
    ) -> Result<Sample, String> {
        if let Some(recorder) = recorder {
            recorder.begin();
        }
        let before = usage::now();
        let start = Instant::now();
        let answer = black_box(work());
        let wall = start.elapsed();
        let used = usage::now().since(before);
        Ok(Sample {
            wall_ns: wall.as_nanos() as u64,
            user_ns: used.user_ns,
            system_ns: used.system_ns,
            voluntary_switches: used.voluntary_switches,
            involuntary_switches: used.involuntary_switches,
            peak_bytes: with_processes(usage::peak_bytes())?,
            answer: self.answer.as_ref().map(|text| shortened(text(&answer))),
            outcomes: self.outcomes.as_ref().map(|count| count(&answer)).unwrap_or_default(),
            latencies_ns: self
                .latencies
                .as_ref()
                .map(|all| all(&answer).iter().map(|one| one.as_nanos() as u64).collect())
                .unwrap_or_default(),
            ..Sample::default()
        })
    }

    /// The base's work, or the limit's computing, on `copies` threads at once, each with an input of its own.
    fn ceiling(&self, copies: usize, options: &[String]) -> Result<Sample, String> {
        let copied = self.description.copied().ok_or("this experiment has no base")?;
        let index = self.description.arms.iter().position(|arm| arm.name == copied);
        let Work::Once(work) = &self.work[index.ok_or("what the ceiling copies is no arm")?] else {
            return Err("the ceiling needs an arm that is Rust code without an axis".into());
        };
        let input = &self.input;
        // Two meetings: all inputs are ready, then all start. The main thread times from the second.
        let (ready, start) = (Barrier::new(copies + 1), Barrier::new(copies + 1));
        thread::scope(|scope| {
            let workers: Vec<_> = (0..copies)
                .map(|_| {
                    scope.spawn(|| {
                        let input = input(options);
                        ready.wait();
                        start.wait();
                        let input = input?;
                        let answer = black_box(work(&input));
                        let end = Instant::now();
                        drop(answer); // after the clock, as in the other arms
                        Ok(end)
                    })
                })
                .collect();
            ready.wait();
            let before = usage::now();
            let began = Instant::now();
            start.wait();
            let mut ended = began;
            for worker in workers {
                let end: Result<Instant, String> =
                    worker.join().map_err(|_| "a copy of the base panicked".to_string())?;
                ended = ended.max(end?);
            }
            let used = usage::now().since(before);
            Ok(Sample {
                wall_ns: (ended - began).as_nanos() as u64,
                user_ns: used.user_ns,
                system_ns: used.system_ns,
                voluntary_switches: used.voluntary_switches,
                involuntary_switches: used.involuntary_switches,
                peak_bytes: usage::peak_bytes(),
                ..Sample::default()
            })
        })
    }
}

// What does not depend on the experiment's own types stands outside of it, so that it is compiled once and
// not again in each of the fifty examples.

/// Prints the description as JSON.
#[expect(clippy::print_stdout, reason = "whoever runs the example reads it there")]
fn describe(description: &Description) -> Result<(), String> {
    let text = serde_json::to_string_pretty(description);
    println!("{}", text.map_err(|error| error.to_string())?);
    Ok(())
}

/// A recorder that hears all spans of this process.
fn recorder() -> Result<Recorder, String> {
    let (recorder, dispatch) = Recorder::new();
    tracing::dispatcher::set_global_default(dispatch).map_err(|error| error.to_string())?;
    Ok(recorder)
}

/// All rounds, here and now; prints a table with bars.
#[expect(clippy::print_stdout, reason = "the table is what was asked for")]
fn measure(description: &Description, matches: &ArgMatches) -> Result<(), String> {
    if description.arms.is_empty() {
        return Err(format!("`{}` has a demo and nothing to measure", description.name));
    }
    if cfg!(debug_assertions) {
        eprintln!(
            "warning: this is a debug build; measure with `cargo run --release --example {} -- measure`",
            description.name
        );
    }
    let care = care_of(matches);
    let program = env::current_exe().map_err(|error| error.to_string())?;
    let runner = Runner::new(program, own_options(matches));
    let seed = matches.get_one::<u64>("seed").copied().unwrap_or_else(|| fastrand::u64(..));
    let measurement =
        rounds::measure(&runner, description, care, seed).map_err(|failure| failure.to_string())?;
    print!("{}", terminal::table(&measurement, terminal::colored()));
    Ok(())
}

fn parser(description: &Description, options: &[(String, String)]) -> Command {
    let own = Arg::new("options")
        .num_args(0..)
        .trailing_var_arg(true)
        .allow_hyphen_values(true)
        .value_name("OPTIONS OF THE LISTING");
    let flag = |name: &'static str, help: &'static str| {
        Arg::new(name).long(name).action(ArgAction::SetTrue).help(help)
    };
    let number = |name: &'static str, help: &'static str| {
        Arg::new(name).long(name).value_parser(clap::value_parser!(u64)).help(help)
    };
    let mut after = String::from("Without a command, the demo runs.\n");
    if !options.is_empty() {
        after.push_str("\nOptions of the listing, for the demo or after a command:\n");
        let width = options.iter().map(|(usage, _)| usage.len()).max().unwrap_or(0);
        for (usage, help) in options {
            after.push_str(&format!("  {usage:width$}  {help}\n"));
        }
    }
    Command::new("example")
        .bin_name(format!("cargo run --release --example {} --", description.name))
        .about(description.title.clone())
        .after_help(after)
        .subcommand(
            Command::new("measure")
                .about("Measure every arm here and print a table")
                .arg(flag("quick", "6 to 31 rounds, by what a round costs, instead of 15"))
                .arg(flag("thorough", "31 rounds instead of 15").conflicts_with("quick"))
                .arg(number("seed", "Seed of the shuffled orders"))
                .arg(own.clone()),
        )
        .subcommand(Command::new("describe").about("Print the experiment as JSON"))
        .subcommand(
            Command::new("arm")
                .about("Run one arm once and print its sample as JSON")
                .arg(Arg::new("NAME").required(true).help("As `describe` names it"))
                .arg(number("at", "The point of the axis"))
                .arg(flag("timeline", "Record a timeline too; such a run is not a timing"))
                .arg(own),
        )
}

fn own_options(matches: &ArgMatches) -> Vec<String> {
    matches.get_many::<String>("options").map(|all| all.cloned().collect()).unwrap_or_default()
}

fn care_of(matches: &ArgMatches) -> Care {
    match (matches.get_flag("quick"), matches.get_flag("thorough")) {
        (true, _) => Care::Quick,
        (_, true) => Care::Thorough,
        _ => Care::Default,
    }
}

/// Ends this process, and with it the pipes of those it started, when the supervisor is gone.
fn end_with_standard_input() {
    thread::spawn(|| {
        let mut rest = [0; 64];
        while matches!(io::stdin().read(&mut rest), Ok(n) if n > 0) {}
        std::process::exit(1);
    });
}

/// A process that an arm started says how much memory it had at most, and when it lived.
fn report_peak(began: SystemTime) {
    let (Some(path), Some(peak)) = (env::var_os(PEAKS), usage::peak_bytes()) else { return };
    let since_1970 =
        |time: SystemTime| time.duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos();
    let line = format!("{peak} {} {}\n", since_1970(began), since_1970(SystemTime::now()));
    // One short write to a file opened for appending: lines of several processes do not mix.
    let file = fs::OpenOptions::new().append(true).open(PathBuf::from(path));
    if let Ok(mut file) = file {
        let _ = file.write_all(line.as_bytes());
    }
}

/// Peak memory of one process, and of those that it started and waited for.
fn with_processes(own: Option<u64>) -> Result<Option<u64>, String> {
    let Some(own) = own else { return Ok(None) };
    let Some(path) = env::var_os(PEAKS).map(PathBuf::from) else { return Ok(Some(own)) };
    let text = fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    Ok(Some(own + most_at_once(&text)))
}

/// The largest sum of the peaks of processes that were alive together: those that came one after the
/// other never had it all.
fn most_at_once(lines: &str) -> u64 {
    let read = |line: &str| -> Option<(u64, u128, u128)> {
        let mut words = line.split(' ');
        Some((
            words.next()?.parse().ok()?,
            words.next()?.parse().ok()?,
            words.next()?.parse().ok()?,
        ))
    };
    let lives: Vec<_> = lines.lines().filter_map(read).collect();
    // The sum only grows where one of them begins.
    let alive_at =
        |time: u128| lives.iter().filter(move |(_, from, to)| (*from..=*to).contains(&time));
    let sum_at = |(_, from, _): &(u64, u128, u128)| alive_at(*from).map(|(peak, ..)| peak).sum();
    lives.iter().map(sum_at).max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU64, Ordering};
    use std::time::Duration;

    #[test]
    fn the_memory_of_processes_is_that_of_those_alive_together() {
        assert_eq!(most_at_once(""), 0);
        assert_eq!(most_at_once("10 0 5\n20 6 9\n"), 20, "one after the other");
        assert_eq!(most_at_once("10 0 7\n20 6 9\n5 8 12\n"), 30, "the first and the second");
        assert_eq!(most_at_once("10 0 9\n20 1 9\n5 2 3\nbroken\n"), 35, "all three");
    }

    #[test]
    fn the_clock_runs_while_the_work_does_and_not_while_it_is_prepared() {
        static PREPARED: AtomicU64 = AtomicU64::new(0);
        static WORKED: AtomicU64 = AtomicU64::new(0);
        let spin = |noted: &AtomicU64| {
            let began = Instant::now();
            while began.elapsed() < Duration::from_millis(1) {
                std::hint::spin_loop();
            }
            noted.store(began.elapsed().as_nanos() as u64, Ordering::Relaxed);
        };
        let experiment = Experiment::<(), ()>::new("spinning", "")
            .input(move |_| {
                spin(&PREPARED);
                Ok::<_, String>(())
            })
            .arm("once", move |()| spin(&WORKED));
        let began = Instant::now();
        let wall = experiment.sample(&Point::new("once", None), &[], None).unwrap().wall_ns;
        let all = began.elapsed().as_nanos() as u64;
        let (prepared, worked) = (PREPARED.load(Ordering::Relaxed), WORKED.load(Ordering::Relaxed));
        let parts = format!("{prepared} ns prepared, {worked} ns worked, {wall} of {all} ns timed");
        // Whatever this machine does in between, it can only add to what is outside.
        assert!(worked <= wall && wall + prepared <= all, "{parts}");
    }

    #[test]
    fn an_arm_that_is_asked_wrongly_says_what_is_right() {
        let sum = Experiment::<(), u64>::new("sum", "")
            .axis("threads", [1, 2], true)
            .base("sequential", |()| 1)
            .arm_over("threads", |(), n| n as u64)
            .agree(u64::to_string);
        let error = |arm: &str, at| sum.sample(&Point::new(arm, at), &[], None).unwrap_err();
        assert_eq!(error("thread", None), "no arm named `thread`; there are: sequential, threads");
        assert_eq!(error("threads", None), "the arm `threads` goes over an axis: add `--at N`");
        assert!(error("sequential", Some(2)).contains("leave `--at` out"));
        let sample = sum.sample(&Point::new("threads", Some(2)), &[], None).unwrap();
        assert_eq!(sample.answer.as_deref(), Some("2"));
        assert!(sum.sample(&Point::new(CEILING, Some(3)), &[], None).unwrap().wall_ns > 0);
    }
}
