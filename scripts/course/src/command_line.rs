//! The command line of `cargo course`.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

/// What `cargo course --help` teaches.
#[derive(Debug, Parser)]
#[command(
    name = "course",
    bin_name = "cargo course",
    version,
    about = "Builds, measures and checks the course Concurrency, Measured",
    after_help = "\
Start here:
  cargo course build            compile, run, measure what is missing, render into book/
  cargo course serve            the same in a browser, again at every change
  cargo course exercise         all exercises; with a name, a file to edit and the tests for it
  cargo course doctor           is this machine fit to measure?
  cargo course measure          measure everything carefully on this machine
  cargo run --release --example word_count -- measure
                                measure one experiment and print a table; records nothing"
)]
pub(crate) struct CommandLine {
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Compile, run every demo, measure quickly what this machine has not measured, render
    Build(Build),
    /// Measure experiments on this machine into measurements/
    #[command(after_help = "\
Without names, every experiment is measured whose record is missing, stale, or made with fewer rounds.
With names, those are measured again. Rounds are recorded one by one: Ctrl-C loses at most the round
in flight, and the same command goes on where it stopped.

  cargo course measure                        everything, 15 rounds each
  cargo course measure hash_books --quick     one experiment, 6 to 31 rounds
  cargo course measure --cores 0              held to core 0: a machine of its own in measurements/")]
    Measure(Measure),
    /// Check that every directive resolves, nothing is stale and no measured number is typed
    Check(Check),
    /// Say whether this machine is fit to measure, what is missing and how to install it
    Doctor,
    /// Begin an exercise or go on with it: run its tests and say what is missing
    #[command(after_help = "\
Without a name, all exercises are listed, with how far you are. With one, its starter is copied to
practice/NAME/src/lib.rs, where you edit it, and its tests are run. The same command goes on with
what you have; it never writes over your work.

  cargo course exercise                  all of them, by chapter
  cargo course exercise NAME             begin, or run the tests again
  cargo course exercise NAME --watch     run them again at every save, until Ctrl-C
  cargo course exercise NAME --reset     start again; what you have is kept beside it")]
    Exercise(Exercise),
    /// Make the files of a chapter, a listing, an experiment, an exercise or an explorer, registered where they belong
    #[command(after_help = "\
What is made compiles, passes every check once its demo has run, and says what to write. Nothing is written over.

  cargo course new chapter pools --title \"Who waits in a pool\"
  cargo course new listing pools/who_waits
  cargo course new experiment pools/pool_sizes
  cargo course new exercise pools/share_a_pool
  cargo course new explorer pools/last_permit")]
    New(New),
    /// Build, serve on this computer only, rebuild and reload on change
    Serve(Serve),
    /// Run every test: format, lints, code, listings, links, pages in a browser
    Test(Test),
    /// Write one archive that measures a machine without a compiler
    #[command(after_help = "\
The archive holds the examples' programs and this command, for this kind of processor and system. On the
other machine, which needs nothing else (`tar` calls `xz` to unpack):

  tar xf course-pack-….tar.xz
  cd course-pack-… && ./measure               as `cargo course measure`, with the same options

It writes records-NAME.tar.xz, which `cargo course adopt` takes.")]
    Pack(Pack),
    /// Take the records that a pack brought
    Adopt(Adopt),
    /// Remove what a build makes again; records stay
    Clean,
    /// Answer mdBook's preprocessor protocol on stdin (for `mdbook build`)
    #[command(hide = true)]
    Preprocess(Preprocess),
    /// Run a program for `serve` until standard input ends, within limits, and leave nothing of it
    #[command(hide = true)]
    Supervise(Supervise),
    /// Measure an experiment for a page of `serve`, until standard input ends
    #[command(hide = true)]
    MeasureForPage(MeasureForPage),
    /// Try an exercise at every save for a page of `serve`, until standard input ends
    #[command(hide = true)]
    WatchForPage(WatchForPage),
}

#[derive(Args, Debug)]
pub(crate) struct Build {
    /// Render from the records, running nothing
    #[arg(long)]
    pub recorded: bool,
    /// How long at most to measure what this machine has not measured: `10m`, `90s`, or `0`
    #[arg(long = "for", value_name = "TIME", default_value = "5m", conflicts_with = "recorded")]
    pub measuring: humantime::Duration,
    /// The machine whose numbers the pages show first, instead of book.toml's
    #[arg(long, value_name = "NAME")]
    pub machine: Option<String>,
}

#[derive(Args, Debug)]
pub(crate) struct Measure {
    /// Experiments to measure; all of them if none is named
    #[arg(value_name = "EXPERIMENT")]
    pub experiments: Vec<String>,
    /// 6 to 31 rounds, by what a round costs, instead of 15
    #[arg(long)]
    pub quick: bool,
    /// 31 rounds instead of 15
    #[arg(long, conflicts_with = "quick")]
    pub thorough: bool,
    /// Measure what is fresh, too
    #[arg(long)]
    pub again: bool,
    /// The folder of measurements/ to record into, instead of this machine's own name
    #[arg(long, value_name = "NAME")]
    pub machine: Option<String>,
    /// Hold everything to these logical cores, counted from 0: `0` or `0,2` or `0-3`
    #[arg(long, value_name = "LIST")]
    pub cores: Option<String>,
}

#[derive(Args, Debug)]
pub(crate) struct Pack {
    /// The archive to write, instead of one in target/
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// How hard to compress, from 0 to 9: 0 takes seconds, and twice the room
    #[arg(long, default_value_t = 6, value_parser = clap::value_parser!(u32).range(0..=9))]
    pub level: u32,
}

#[derive(Args, Debug)]
pub(crate) struct Adopt {
    /// What `measure` in a pack wrote: records-NAME.tar.xz
    #[arg(value_name = "FILE", required = true)]
    pub files: Vec<PathBuf>,
    /// The folder of measurements/ to record into, instead of the machine's own name
    #[arg(long, value_name = "NAME")]
    pub machine: Option<String>,
}

#[derive(Args, Debug, Default)]
pub(crate) struct Check {
    /// Name what is stale or not measured on the other machines, too; only the book's own has to be complete
    #[arg(long)]
    pub all_machines: bool,
    /// List how many times its threshold each claim measured, on the least favorable machine
    #[arg(long)]
    pub slack: bool,
    /// Print how each page reads, in numbers, and check nothing: a thermometer, not a rule
    #[arg(long, conflicts_with_all = ["all_machines", "slack"])]
    pub prose: bool,
}

#[derive(Args, Debug)]
pub struct Exercise {
    /// The exercise, as its chapter names it
    pub name: Option<String>,
    /// Start again; what you have is renamed and kept
    #[arg(long, requires = "name", conflicts_with_all = ["solution", "hint"])]
    pub reset: bool,
    /// Show one solution, and put it beside your file for comparison
    #[arg(long, requires = "name")]
    pub solution: bool,
    /// Show the hint, if there is one
    #[arg(long, requires = "name", conflicts_with = "solution")]
    pub hint: bool,
    /// Run the tests again at every save, and show one failing test at a time
    #[arg(long, short, requires = "name", conflicts_with_all = ["solution", "hint"])]
    pub watch: bool,
}

#[derive(Args, Debug)]
pub(crate) struct New {
    #[command(subcommand)]
    pub what: Kind,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Kind {
    /// A page at the end of the contents, a folder of listings, and a first listing that runs
    Chapter(NewChapter),
    /// A whole program, and the example that runs it
    Listing(Place),
    /// Two ways of doing the same work, and the example that measures them
    Experiment(Place),
    /// A starter, a solution, three wrong answers, and the tests that catch them
    Exercise(NewExercise),
    /// The steps of two threads, whose every order the reader walks on the page
    Explorer(NewExplorer),
}

#[derive(Args, Debug)]
pub(crate) struct NewChapter {
    /// The name of its folder of listings, like `pools`; the page is named after it
    pub name: String,
    /// Its heading
    #[arg(long)]
    pub title: String,
}

#[derive(Args, Debug)]
pub(crate) struct Place {
    /// The chapter's folder of listings, and the new name: `pools/who_waits`
    #[arg(value_name = "FOLDER/NAME")]
    pub place: String,
    /// The package of listings/packages that compiles it, where it needs more than the standard library
    #[arg(long)]
    pub package: Option<String>,
}

#[derive(Args, Debug)]
pub(crate) struct NewExercise {
    /// The chapter's folder of listings, and the new name: `pools/share_a_pool`
    #[arg(value_name = "FOLDER/NAME")]
    pub place: String,
}

#[derive(Args, Debug)]
pub(crate) struct NewExplorer {
    /// The chapter's folder of listings, and the name of the listing whose steps these are: `pools/last_permit`
    #[arg(value_name = "FOLDER/NAME")]
    pub place: String,
}

#[derive(Args, Debug)]
pub(crate) struct Serve {
    /// The port on 127.0.0.1 (and ::1)
    #[arg(long, default_value_t = 3000)]
    pub port: u16,
    /// Loopback addresses only; another is refused, with what to do instead
    #[arg(long, value_name = "ADDRESS")]
    pub address: Option<String>,
    /// Render from the records, running nothing
    #[arg(long)]
    pub recorded: bool,
    /// The longest that a page lets a listing run
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    pub run_seconds: u64,
    /// The most memory that a page lets a listing use
    #[arg(long, value_name = "MIB", default_value_t = 2048)]
    pub run_memory: u64,
}

#[derive(Args, Debug)]
pub(crate) struct Supervise {
    /// The longest that it runs
    #[arg(long)]
    pub seconds: u64,
    /// The most memory that all its processes use together, in MiB
    #[arg(long, value_parser = clap::value_parser!(u64).range(..1 << 40))]
    pub memory: u64,
    /// Say its exit status and the limit that it met, too
    #[arg(long)]
    pub exact: bool,
    pub program: PathBuf,
    #[arg(last = true)]
    pub arguments: Vec<OsString>,
}

#[derive(Args, Debug)]
pub(crate) struct MeasureForPage {
    pub experiment: String,
}

#[derive(Args, Debug)]
pub(crate) struct WatchForPage {
    pub exercise: String,
    /// The most memory that a test uses, in MiB
    #[arg(long, value_parser = clap::value_parser!(u64).range(..1 << 40))]
    pub memory: u64,
}

#[derive(Args, Debug)]
pub(crate) struct Test {
    /// Only the steps whose name contains this
    #[arg(value_name = "STEP")]
    pub only: Option<String>,
}

#[derive(Args, Debug)]
pub(crate) struct Preprocess {
    #[command(subcommand)]
    pub question: Option<Question>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Question {
    /// Exit with 0 if this renderer is served
    Supports { renderer: String },
}

/// "0,2-3" as core numbers.
pub(crate) fn core_list(text: &str) -> Result<Vec<u64>, String> {
    let wrong = || format!("`{text}` is no list of cores: write `0`, `0,2` or `0-3`");
    let mut cores = Vec::new();
    for part in text.split(',') {
        let number = |text: &str| text.trim().parse::<u64>().map_err(|_| wrong());
        match part.split_once('-') {
            Some((first, last)) => {
                let (first, last) = (number(first)?, number(last)?);
                if first > last || last > 4095 {
                    return Err(wrong());
                }
                cores.extend(first..=last);
            }
            None => cores.push(number(part)?),
        }
    }
    cores.sort_unstable();
    cores.dedup();
    Ok(cores)
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        CommandLine::command().debug_assert();
    }

    #[test]
    fn cores_are_listed_and_ranged() {
        assert_eq!(core_list("0").unwrap(), [0]);
        assert_eq!(core_list("3,0-1").unwrap(), [0, 1, 3]);
        for wrong in ["", "a", "2-1", "0-", "0,,1", "0-99999999"] {
            assert!(core_list(wrong).is_err(), "{wrong}");
        }
    }
}
