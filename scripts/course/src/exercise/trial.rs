//! One try: the student's file is compiled and its tests run, each within limits, until it is stopped.

use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use anyhow::{Context, Result, bail};
use book::project::Project;
use book::source::hash_of;
use cargo_metadata::diagnostic::{Diagnostic, DiagnosticLevel};
use lab::process::{Cut, finish, shown_end};
use serde_json::Value;

use super::Exercise;
use super::compile::{Compiled, compile_command};
use super::practice::{Practice, limit_after};
use super::report::{self, Ended, Tested};
use crate::measure::Permit;
use crate::stopped::Stopped;
use crate::supervise::{Exactly, Limit, MOST_OUTPUT, MOST_PROCESSES, Stop, this_program};

/// The first time, all crates that an exercise uses are compiled.
const COMPILING: Duration = Duration::from_secs(1800);

/// What a try tells while it goes on.
#[derive(Debug)]
pub(super) enum News {
    /// Another one runs or measures in this project first.
    Waiting,
    Compiling,
    /// There is no file.
    Gone,
    /// The compiler refused it.
    Refused(Refused),
    /// So many tests run now.
    Tests(usize),
    Tested(Tested),
}

/// The first error that the compiler found.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Refused {
    /// Where, in the student's file.
    pub line: Option<u32>,
    /// What, without a line of the file.
    pub message: String,
    /// As the compiler shows it, with the lines of the file.
    pub rendered: String,
    /// How many more there are.
    pub more: usize,
}

/// What a try came to.
#[derive(Debug)]
pub(super) enum Outcome {
    /// It was told why no test ran.
    Untested,
    /// The text that was tried, and its tests in the order of the file.
    Tested { text: String, tests: Vec<Tested> },
}

/// Tries one exercise, again and again.
pub(super) struct Trial {
    pub project: Project,
    pub exercise: Exercise,
    /// The most memory that a test uses, in MiB.
    pub memory: u64,
    /// Whether it waits until nothing else runs or measures in this project.
    pub needs_permit: bool,
    /// Whether the compiler's words are colored.
    pub colored: bool,
    /// The text that was compiled last, as its hash, and when.
    pub compiled: Mutex<Option<(String, SystemTime)>>,
}

impl Trial {
    /// For a terminal without colors.
    pub(super) fn new(project: &Project, exercise: &Exercise, memory: u64) -> Trial {
        let (project, exercise) = (project.clone(), exercise.clone());
        Trial {
            project,
            exercise,
            memory,
            needs_permit: false,
            colored: false,
            compiled: Mutex::default(),
        }
    }

    pub(super) fn practice(&self) -> Practice<'_> {
        Practice { project: &self.project, exercise: &self.exercise }
    }

    /// Compiles the file as it is now and runs its tests.
    ///
    /// # Errors
    /// `Stopped` when it was; else what has nothing to do with the student's code.
    pub(super) fn run(&self, stop: &Stop, tell: &dyn Fn(News)) -> Result<Outcome> {
        let _permit = self.wait_for_permit(stop, tell)?;
        tell(News::Compiling);
        let practice = self.practice();
        let Ok(bytes) = fs::read(practice.file()) else {
            tell(News::Gone);
            return Ok(Outcome::Untested);
        };
        let text = String::from_utf8_lossy(&bytes).into_owned();
        self.date(&practice.file(), &text);
        let Some(program) = self.program(stop, tell)? else { return Ok(Outcome::Untested) };
        let names = report::names(&program, stop.flag())?;
        tell(News::Tests(names.len()));
        let mut tests = Vec::new();
        for name in practice.in_order(names) {
            let tested = self.test(&program, &name, limit_after(&tests), stop)?;
            tell(News::Tested(tested.clone()));
            tests.push(tested);
        }
        Ok(Outcome::Tested { text, tests })
    }

    fn wait_for_permit(&self, stop: &Stop, tell: &dyn Fn(News)) -> Result<Option<Permit>> {
        if !self.needs_permit {
            return Ok(None);
        }
        Permit::acquire_telling(&self.project, stop.flag(), || tell(News::Waiting)).map(Some)
    }

    /// Cargo goes by a file's time. One that was put in the place of another can be older than what was
    /// compiled last, and is dated now.
    fn date(&self, file: &Path, text: &str) {
        let mut compiled = self.compiled.lock().unwrap_or_else(PoisonError::into_inner);
        let (hash, now) = (hash_of(text), SystemTime::now());
        let written = fs::metadata(file).and_then(|file| file.modified());
        let older = compiled.as_ref().is_some_and(|(before, at)| {
            *before != hash && written.is_ok_and(|written| written <= *at)
        });
        if older && let Ok(file) = File::options().append(true).open(file) {
            let _ = file.set_modified(now); // then Cargo sees it at the next save
        }
        *compiled = Some((hash, now));
    }

    /// The test program, or `None` where the compiler refused.
    fn program(&self, stop: &Stop, tell: &dyn Fn(News)) -> Result<Option<PathBuf>> {
        let (practice, name) = (self.practice(), &self.exercise.name);
        let command = compile_command(&practice.root(), name, "--lib", self.colored);
        let finished = match finish(command, COMPILING, stop.flag()) {
            Err(Cut::Stopped) => return Err(Stopped.into()),
            finished => finished.context("cargo could not be run")?,
        };
        let Some(ended) = finished.status else {
            bail!("cargo did not end within {} min and was stopped", COMPILING.as_secs() / 60)
        };
        let mut errors = Vec::new();
        let compiled = Compiled::read(&finished.stdout[..], |said| {
            if said.level == DiagnosticLevel::Error && !said.message.starts_with("aborting due to")
            {
                errors.push(said.clone());
            }
        })?;
        match compiled.programs(name, ended, &shown_end(&finished.stderr))? {
            Some(mut programs) => Ok(programs.remove(name)),
            None => {
                practice.remember(None);
                tell(News::Refused(Refused::new(&errors, &practice)));
                Ok(None)
            }
        }
    }

    /// Runs one test under a supervisor, which leaves nothing of it behind.
    fn test(&self, program: &Path, name: &str, limit: Duration, stop: &Stop) -> Result<Tested> {
        let mut command = this_program()?;
        command
            .args(["supervise", "--exact", "--seconds", &limit.as_secs().to_string()])
            .args(["--memory", &self.memory.to_string()])
            .arg(program)
            .arg("--")
            .args(report::arguments(name));
        report::set_up(&mut command, &self.practice().folder());
        let mut child = command.spawn().context("a test could not be started")?;
        stop.holds(child.stdin.take());
        let lines = child.stdout.take().context("the output of a test")?;
        let output = SupervisorOutput::read(BufReader::new(lines));
        let ended = child.wait().context("a test")?;
        if stop.asked() {
            return Err(Stopped.into());
        }
        match output?.tested(name, limit, self.memory) {
            Some(tested) => Ok(tested),
            None => bail!("what supervises a test ended with {ended} and did not say how"),
        }
    }
}

impl Refused {
    fn new(errors: &[Diagnostic], practice: &Practice) -> Refused {
        let first = errors.iter().find(|error| line(error).is_some()).or(errors.first());
        let label = first.and_then(|error| {
            let primary = error.spans.iter().find(|span| span.is_primary)?;
            primary.label.clone()
        });
        let message = first.map_or("", |error| &error.message);
        Refused {
            line: first.and_then(line),
            message: match label {
                Some(label) if !message.contains(&label) => format!("{message}: {label}"),
                _ => message.to_string(),
            },
            rendered: first
                .and_then(|error| error.rendered.as_deref())
                .map_or(String::new(), |rendered| practice.as_from_above(rendered)),
            more: errors.len().saturating_sub(1),
        }
    }
}

/// Where the student's file has the error.
fn line(error: &Diagnostic) -> Option<u32> {
    let primary = error.spans.iter().find(|span| span.is_primary)?;
    let file = primary.file_name.replace('\\', "/");
    file.ends_with("src/lib.rs").then(|| u32::try_from(primary.line_start).ok())?
}

/// What a supervisor said of a test.
#[derive(Default)]
struct SupervisorOutput {
    stdout: String,
    stderr: String,
    /// How it ended, in words and exactly.
    ended: Option<(String, Exactly)>,
}

impl SupervisorOutput {
    fn read(lines: impl BufRead) -> Result<SupervisorOutput> {
        let mut output = SupervisorOutput::default();
        for line in lines.lines() {
            let line = line.context("what a test says")?;
            let line: Value = serde_json::from_str(&line).context("what a test says")?;
            if let Some(text) = line["out"].as_str() {
                output.stdout.push_str(text);
            }
            if let Some(text) = line["err"].as_str() {
                output.stderr.push_str(text);
            }
            if let Some(ended) = line["ended"].as_str() {
                // Without it the test could not be started.
                let exactly = serde_json::from_value(line["exactly"].clone());
                let exactly = exactly.unwrap_or(Exactly { code: None, limit: None, left: 0 });
                output.ended = Some((ended.to_string(), exactly));
            }
        }
        Ok(output)
    }

    /// `None` where nothing was said of the end.
    fn tested(self, name: &str, limit: Duration, memory: u64) -> Option<Tested> {
        let (described, Exactly { code, limit: met, left }) = self.ended?;
        let too_much = |what: String| Some(Tested::failed(name, what));
        match met {
            Some(Limit::Output) => {
                too_much(format!("it printed more than {} MiB and was stopped", MOST_OUTPUT >> 20))
            }
            Some(Limit::Memory) => {
                too_much(format!("it used more than {memory} MiB of memory and was stopped"))
            }
            Some(Limit::Processes) => {
                too_much(format!("it started more than {MOST_PROCESSES} processes and was stopped"))
            }
            None if left > 0 && code == Some(0) => {
                too_much("it ended and left a process behind, which was stopped".into())
            }
            Some(Limit::Time) => {
                Some(report::judged(name, limit, &self.stdout, &self.stderr, None))
            }
            None => {
                let ended = Some(Ended { code, described });
                Some(report::judged(name, limit, &self.stdout, &self.stderr, ended))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exercise::report::Verdict;

    fn tested(lines: &str) -> Option<Tested> {
        let output = SupervisorOutput::read(lines.as_bytes()).unwrap();
        output.tested("tests::it_ends", Duration::from_secs(20), 512)
    }

    #[track_caller]
    fn complaint(lines: &str) -> String {
        tested(lines).unwrap().complaints()[0].message.clone()
    }

    #[test]
    fn a_test_is_judged_by_what_its_supervisor_says() {
        let passed = r#"{"ended":"exit status 0","exactly":{"code":0,"limit":null,"left":0},"how":"success"}"#;
        assert!(tested(passed).unwrap().passed());
        let failed = "{\"err\":\"thread 'tests::it_ends' panicked at t/src/lib.rs:7:5:\\n\"}\n\
                      {\"err\":\"no ticket\\n\"}\n\
                      {\"ended\":\"exit status 101\",\"exactly\":{\"code\":101,\"limit\":null,\"left\":0}}\n";
        assert_eq!(complaint(failed), "no ticket");
        let endless = r#"{"ended":"stopped","exactly":{"code":null,"limit":"Time","left":1}}"#;
        assert_eq!(tested(endless).unwrap().verdict, Verdict::Endless(20, Vec::new()));
        assert_eq!(tested("{\"out\":\"running 1 test\"}\n"), None, "its end is not known");
    }

    #[test]
    fn a_limit_and_what_was_left_behind_are_said_in_words() {
        let at = |limit: &str| {
            complaint(&format!(
                "{{\"ended\":\"stopped\",\"exactly\":{{\"code\":null,\"limit\":\"{limit}\",\"left\":3}}}}"
            ))
        };
        assert_eq!(at("Output"), "it printed more than 1 MiB and was stopped");
        assert_eq!(at("Memory"), "it used more than 512 MiB of memory and was stopped");
        assert_eq!(at("Processes"), "it started more than 64 processes and was stopped");
        let left = r#"{"ended":"exit status 0","exactly":{"code":0,"limit":null,"left":1}}"#;
        assert_eq!(complaint(left), "it ended and left a process behind, which was stopped");
    }
}
