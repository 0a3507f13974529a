//! A book of one page, one listing and two machines, for tests.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use lab::Kind;
use lab::machine::Machine;
use lab::record::{
    Arm, Axis, BASE_AGAIN, CEILING, Care, Demo, Description, Lane, Limit, Measurement, Point,
    Record, Round, Sample, Segment, State, Timeline, VERSION,
};
use tempfile::TempDir;

use crate::context::Context;
use crate::diagnostic::{Problem, Problems, Source};
use crate::expand;
use crate::page::{Chapter, Page};
use crate::project::Project;
use crate::records::Records;
use crate::source::{Keys, Locked, Sources};

/// The machine whose numbers the pages show first, and the other one.
pub const HOME: &str = "home-2c";
/// The other machine, with one core.
pub const AWAY: &str = "away-1c";

/// Rounds as `Care::Default` plans them.
pub const ROUNDS: usize = 15;

const LISTING: &str = "\
//! Fetches.
// ANCHOR: all
pub fn main() {
    println!(\"done\");
}
// ANCHOR_END: all
// ANCHOR: dangling
pub fn sequential() {}
";

const TWO_WAYS: &str = "\
// ANCHOR: before
/// One way.
pub fn before() {
    begin();
    end();
}
// ANCHOR_END: before
// ANCHOR: after
/// Another.
pub fn after() {
    begin();
    more(\"<1>\");
    end();
}
// ANCHOR_END: after
// ANCHOR: again
pub fn again() {
    begin();
    end();
}
// ANCHOR_END: again
// ANCHOR: otherwise
pub fn otherwise() {
    quite_another();
    thing();
    at_last();
}
// ANCHOR_END: otherwise
";

/// An exercise with all that makes un-indenting hard.
pub const TICKETS: &str = r##"//! # Two buyers, one `ticket`
//!
//! 15 minutes
//!
//! Sell it once.
//!
//! - What the tests look at: the count.
//!
//! Hint: look at the guard.

use std::sync::Mutex;

/// Shared by all.
pub struct Office {
    pub tickets: Mutex<[u32; 2]>,
}

/// The student's part.
pub mod starter {
    #![allow(clippy::ptr_arg)]
    use super::*;

    /// Sells one.
    #[allow(unused_variables)]
    pub fn sell(office: &Office) -> bool {
        let note = r#"a line
    indented by the string, with a }
"#;
        todo!("look and take in one step")
    }
}

pub mod solution {
    use super::*;

    pub fn sell(office: &Office) -> bool {
        rayon::join(|| (), || ());
        true
    }
}

#[cfg(test)]
mod tests {
    use super::solution::*;
    use super::*;

    #[test]
    fn one_is_sold() {
        let office = Office { tickets: Mutex::new([1, 0]) };
        assert!(sell(&office), "nobody got it");
    }
}
"##;

/// A project in a folder of its own.
pub struct TinyBook {
    folder: TempDir,
}

impl Default for TinyBook {
    fn default() -> TinyBook {
        TinyBook::new()
    }
}

impl TinyBook {
    /// Nothing is measured yet.
    pub fn new() -> TinyBook {
        let book = TinyBook { folder: tempfile::tempdir().unwrap() };
        let machine = format!("[preprocessor.course]\nmachine = \"{HOME}\"\n");
        book.write("book.toml", &machine);
        book.write("Cargo.toml", "");
        book.write("Cargo.lock", "");
        book.write(
            "examples/fetch.rs",
            "use listings::ideas::fetch as listing;\nfn main() { listing::main() }\n",
        );
        book.write("examples/greet.rs", "fn main() { println!(\"hello\") }\n");
        book.write("listings/ideas/fetch.rs", LISTING);
        book.write("listings/ideas/two_ways.rs", TWO_WAYS);
        book.write("listings/ideas/naive.rs", "fn main() { nothing }\n");
        book.write("listings/ideas/naive.stderr", "error[E0425]: cannot find `nothing`\n");
        book
    }

    /// The same, measured on both machines: on the other, threads gain nothing.
    pub fn measured() -> TinyBook {
        let book = TinyBook::new();
        book.record(HOME, 2, fetch(52.0));
        book.record(AWAY, 1, fetch(101.0));
        book
    }

    /// The folder with its `book.toml`. It is removed with the book.
    pub fn root(&self) -> &Path {
        self.folder.path()
    }

    /// Writes a file, and the folders above it. `path`: relative to the project.
    pub fn write(&self, path: &str, text: &str) {
        let path = self.root().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// The project as its `book.toml` is now.
    pub fn project(&self) -> Project {
        Project::at(self.root()).unwrap()
    }

    /// The keys of its one measured example, as the listing stands there now.
    pub fn keys(&self) -> Keys {
        let sources = Sources::of_example(&self.project(), "fetch").unwrap();
        sources.keys(&Locked::parse("").unwrap(), "")
    }

    /// Writes a record of this measurement, as of the listing that stands there now.
    pub fn record(&self, machine: &str, cores: u64, measurement: Measurement) {
        self.write_record(&self.record_of(machine, cores, measurement));
    }

    /// The same record, not written: of the example `fetch`, with its demo and a timeline.
    pub fn record_of(&self, machine: &str, cores: u64, mut measurement: Measurement) -> Record {
        let keys = self.keys();
        measurement.timing_key.clone_from(&keys.timing);
        Record {
            version: VERSION,
            example: "fetch".into(),
            machine: self::machine(machine, cores),
            description: measurement.description.clone(),
            demo: Some(Demo {
                command: "cargo run --release --example fetch".into(),
                stdout: "done\n\n{{#title Stolen}} <b>\n".into(),
                stderr: String::new(),
                output_key: keys.output,
                toolchain: "rustc 1.95.0 (x)".into(),
                seen: "2026-11-22T04:00:00Z".into(),
            }),
            timelines: vec![timeline(&keys.timing)],
            measurement: Some(measurement),
            unfinished: None,
        }
    }

    /// Writes a record to its place among the measurements.
    pub fn write_record(&self, record: &Record) {
        let measurements = self.project().measurements();
        record.write(&Record::path(&measurements, &record.machine.name, &record.example)).unwrap();
    }

    /// What is recorded in its folder now.
    pub fn records(&self) -> Records {
        Records::read(&self.project().measurements()).unwrap()
    }

    /// Expands a chapter with this text.
    ///
    /// # Errors
    /// All that is wrong with it.
    pub fn expand(&self, text: &str) -> Result<Page, Problems> {
        let (project, records) = (self.project(), self.records());
        let context = Context::new(&project, &records).unwrap();
        let mut pages = expand::expand(&[chapter(text)], &context)?;
        Ok(pages.remove(0))
    }

    /// The page that a chapter with this text becomes.
    pub fn page(&self, text: &str) -> Page {
        self.expand(text).unwrap_or_else(|problems| panic!("{problems}"))
    }

    /// All that is wrong with a chapter of this text.
    pub fn problems(&self, text: &str) -> Vec<Problem> {
        match self.expand(text) {
            Ok(page) => panic!("nothing is wrong with {text}: {}", page.content),
            Err(Problems(problems)) => problems,
        }
    }
}

/// The first numbered chapter.
pub fn chapter(text: &str) -> Chapter {
    Chapter {
        source: Source { file: "src/ch01-ideas.md".into(), text: text.into() },
        page: "ch01-ideas".into(),
        title: "Ideas".into(),
        number: Some(1),
        part: None,
    }
}

/// A machine of so many cores, of one thread each.
pub fn machine(name: &str, cores: u64) -> Machine {
    Machine {
        name: name.into(),
        label: format!("The {name}"),
        cores,
        logical_cores: cores,
        architecture: "x86_64".into(),
        ..Machine::default()
    }
}

fn arm(name: &str, kind: Kind, at: &[u64]) -> Arm {
    let label = name.replace('_', " ");
    Arm {
        name: name.into(),
        label,
        kind,
        at: at.to_vec(),
        unavailable: None,
        per: None,
        superlinear: None,
        serial: None,
    }
}

/// An experiment with a base, an arm over a threads axis, one with latencies and one that could not run.
pub fn description() -> Description {
    let python = "python3 was not found".to_string();
    Description {
        name: "fetch".into(),
        title: "Time to fetch".into(),
        arms: vec![
            arm("sequential", Kind::Sequential, &[]),
            arm("threads", Kind::Threads, &[1, 2, 4]),
            arm("polite", Kind::Tasks, &[]),
            Arm { unavailable: Some(python), ..arm("python_threads", Kind::Python, &[]) },
        ],
        base: Some("sequential".into()),
        axis: Some(Axis {
            name: "threads".into(),
            at: vec![1, 2, 4],
            log: true,
            ceiling: true,
            varies_work: false,
        }),
        pieces: Some(3),
        timelines: vec![Point::new("threads", Some(2))],
        ..Description::default()
    }
}

/// The base takes 100 ms, two threads what is given, each with half a percent of noise.
pub fn fetch(two_threads_ms: f64) -> Measurement {
    measurement(ROUNDS, |round| {
        let noise = |step: usize| 1.0 + 0.001 * ((round * step) % 6) as f64;
        vec![
            sample("sequential", None, 100.0 * noise(1)),
            sample(BASE_AGAIN, None, 100.0 * noise(5)),
            sample("threads", Some(1), 102.0 * noise(7)),
            sample("threads", Some(2), two_threads_ms * noise(11)),
            sample("threads", Some(4), (two_threads_ms - 2.0) * noise(13)),
            Sample {
                latencies_ns: (1..=100).map(|n| n * 1_000_000).collect(),
                outcomes: BTreeMap::from([("900".into(), 99), ("1000".into(), 1)]),
                peak_bytes: None,
                ..sample("polite", None, 30.0)
            },
            sample(CEILING, Some(1), 100.0 * noise(17)),
            sample(CEILING, Some(2), 105.0 * noise(19)),
            sample(CEILING, Some(4), 200.0 * noise(23)),
        ]
    })
}

/// A program of which a tenth runs alone, and says so. It follows Amdahl's law on so many cores, at these
/// numbers of threads, with half a percent of noise.
pub fn tenth_alone(cores: u64, places: &[u64]) -> Measurement {
    let mut measured = measurement(ROUNDS, |round| {
        let noise = |step: usize| 1.0 + 0.001 * ((round * step) % 6) as f64;
        let mut all =
            vec![sample("sequential", None, 100.0), sample(BASE_AGAIN, None, 100.0 * noise(5))];
        for at in places {
            let has_a_core = (*at).min(cores) as f64;
            let alone = 10.0 + 90.0 / has_a_core;
            all.push(sample("threads", Some(*at), alone * noise(7)));
            let copies = *at as f64 / has_a_core;
            all.push(sample(CEILING, Some(*at), 100.0 * copies * noise(11)));
        }
        all
    });
    measured.description = description();
    measured.description.pieces = None;
    measured.description.arms = vec![
        arm("sequential", Kind::Sequential, &[]),
        Arm { serial: Some(0.1), ..arm("threads", Kind::Threads, places) },
    ];
    if let Some(axis) = &mut measured.description.axis {
        axis.at = places.to_vec();
    }
    measured
}

/// Ten requests: one after the other 100 ms; the longest alone 30 ms; all computing 80 ms, and on each of
/// two cores at once 90 ms. The limit is that of the cores, 45 ms.
pub fn service() -> Measurement {
    let mut measured = measurement(ROUNDS, |_| {
        vec![
            sample("sequential", None, 100.0),
            sample(BASE_AGAIN, None, 100.0),
            sample("longest", None, 30.0),
            sample("computing", None, 80.0),
            sample("tasks", None, 50.0),
            sample(CEILING, Some(2), 90.0),
        ]
    });
    measured.description = Description {
        name: "service".into(),
        arms: vec![
            arm("sequential", Kind::Sequential, &[]),
            arm("longest", Kind::Sequential, &[]),
            arm("computing", Kind::Sequential, &[]),
            arm("tasks", Kind::Tasks, &[]),
        ],
        base: Some("sequential".into()),
        limit: Some(Limit { chain: "longest".into(), computing: "computing".into(), cores: 2 }),
        ..Description::default()
    };
    measured
}

/// A finished measurement of so many rounds; `samples` answers for each, by its number from 0.
pub fn measurement(rounds: usize, samples: impl Fn(usize) -> Vec<Sample>) -> Measurement {
    let round = |index| Round {
        samples: samples(index),
        set_aside: None,
        stolen: None,
        foreign_load: None,
        started: "2026-11-22T04:30:00Z".into(),
    };
    Measurement {
        care: Care::Default,
        planned: rounds,
        seed: 1,
        timing_key: String::new(),
        profile: "release".into(),
        toolchain: "rustc 1.95.0 (59807616e 2026-04-14)".into(),
        lock_file: String::new(),
        interpreters: Vec::new(),
        started: "2026-11-22T04:30:00Z".into(),
        finished: Some("2026-11-22T04:31:00Z".into()),
        description: description(),
        rounds: (0..rounds).map(round).collect(),
    }
}

/// A run of an arm that took so long, with one and a half times that of processor time.
pub fn sample(arm: &str, at: Option<u64>, milliseconds: f64) -> Sample {
    Sample {
        arm: arm.into(),
        at,
        wall_ns: (milliseconds * 1e6) as u64,
        user_ns: Some((milliseconds * 1.5e6) as u64),
        system_ns: Some(0),
        voluntary_switches: Some(7),
        involuntary_switches: Some(1),
        peak_bytes: Some(3 << 20),
        ..Sample::default()
    }
}

fn timeline(timing_key: &str) -> Timeline {
    let waiting = Segment {
        start_ns: 0,
        end_ns: 40_000_000,
        state: State::Waiting,
        span: "wait for_=document".into(),
        ended_by: None,
    };
    Timeline {
        point: Point::new("threads", Some(2)),
        wall_ns: 52_000_000,
        timing_key: timing_key.into(),
        lanes: vec![Lane { name: "main".into(), kind: "thread".into(), segments: vec![waiting] }],
    }
}

/// Asserts that each of these stands there.
#[track_caller]
pub fn assert_shows(html: &str, words: &[&str]) {
    for word in words {
        assert!(html.contains(word), "`{word}` is not in\n{html}");
    }
}
