//! `cargo course exercise`: a student's copy of an exercise, its tests, and what they say.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use anyhow::Result;
use book::diagnostic::counted;
use book::project::Project;

use super::compile::compile;
use super::practice::{Place, Practice, all, limit_after, lower_first, named, next, places, write};
use super::report::{self, Tested};
use super::{files, read, watch};
use crate::command_line;
use crate::message::status;

/// The exercise is not done yet. Everything was said already.
#[derive(Debug)]
pub struct Unfinished;

impl fmt::Display for Unfinished {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the exercise is not done yet")
    }
}

impl std::error::Error for Unfinished {}

/// Does what the command line asks.
///
/// # Errors
/// What is wrong with the name or the files; `Unfinished` where tests fail, `Stopped` after Ctrl-C.
pub fn command(
    project: &Project,
    options: &command_line::Exercise,
    stop: &Arc<AtomicBool>,
) -> Result<()> {
    let places = places(project)?;
    let Some(name) = &options.name else { return list(project, &places) };
    let exercise = named(project, name)?;
    let place = places.iter().find(|place| place.name == *name);
    let practice = Practice { project, exercise: &exercise };
    let label = place.map_or("Exercise", |place| &place.label);
    println!("{label} · {} · {} minutes\n", exercise.title, exercise.minutes);
    if options.hint {
        match &exercise.hint {
            Some(hint) => println!("{hint}"),
            None => println!("There is no hint. The task is at the top of your file."),
        }
        return Ok(());
    }
    if options.solution {
        return practice.show_solution();
    }
    if options.reset {
        practice.set_aside()?;
    }
    practice.begin_or_go_on()?;
    if options.watch {
        let heading = format!("{label} · {}", exercise.title);
        return watch::in_terminal(&practice, next(&places, name), heading, stop);
    }
    let tests = practice.test(stop)?;
    practice.print_report(&tests, &places)
}

/// All exercises by chapter, with the student's own state.
fn list(project: &Project, places: &[Place]) -> Result<()> {
    let files: BTreeMap<String, PathBuf> = files(project).into_iter().collect();
    let width = files.keys().map(|name| name.chars().count()).max().unwrap_or(0);
    let known: BTreeSet<&str> = places.iter().map(|place| place.name.as_str()).collect();
    let elsewhere = files.keys().filter(|name| !known.contains(name.as_str()));
    let elsewhere = elsewhere.map(|name| ("In no chapter yet", name.as_str()));
    let placed = places.iter().map(|place| (place.chapter.as_str(), place.name.as_str()));
    let mut chapter = "";
    let mut minutes = 0;
    let mut count = 0;
    for (heading, name) in placed.chain(elsewhere) {
        let Some(path) = files.get(name) else { continue };
        let exercise = read(project, name, path)?;
        if heading != chapter {
            println!("{}{heading}", if chapter.is_empty() { "" } else { "\n" });
            chapter = heading;
        }
        let state = Practice { project, exercise: &exercise }.state();
        println!("  {name:width$}  {:>2} min  {state:<22}  {}", exercise.minutes, exercise.title);
        minutes += exercise.minutes;
        count += 1;
    }
    if count == 0 {
        println!("There are no exercises yet.");
    } else {
        println!(
            "\n{}, {} h {:02} min together. `cargo course exercise NAME` begins one, or goes on with it.",
            counted(count, "exercise"),
            minutes / 60,
            minutes % 60
        );
    }
    Ok(())
}

impl Practice<'_> {
    /// Compiles the student's file and runs its tests.
    fn test(&self, stop: &AtomicBool) -> Result<Vec<Tested>> {
        let name = &self.exercise.name;
        status("Compiling", self.shown_file());
        let programs = compile(&self.root(), name, "--lib", None, |rendered| {
            anstream::eprint!("{}", self.as_from_above(rendered));
        })?;
        let Some(programs) = programs else {
            println!(
                "Your file does not compile yet; the compiler says why above, and where. Then run again:\n  \
                 cargo course exercise {name}"
            );
            self.remember(None);
            return Err(Unfinished.into());
        };
        let program = &programs[name];
        let names = self.in_order(report::names(program, stop)?);
        let mut tests = Vec::new();
        for test in names {
            tests.push(report::run(program, &self.folder(), &test, limit_after(&tests), stop)?);
        }
        Ok(tests)
    }

    /// What passed, what is missing, and what to do next.
    fn print_report(&self, tests: &[Tested], places: &[Place]) -> Result<()> {
        let name = &self.exercise.name;
        let passed = tests.iter().filter(|test| test.passed()).count();
        self.remember(Some((passed, tests.len())));
        if tests.is_empty() {
            println!(
                "There is no test left in {}. Start again and keep what you have:\n  \
                 cargo course exercise {name} --reset",
                self.shown_file()
            );
            return Err(Unfinished.into());
        }
        let file = self.shown_file();
        print!("{}", report::report(tests, &file));
        if passed == tests.len() {
            println!("\nDone: {} passed.", all(passed, "test"));
            println!("  cargo course exercise {name} --solution   to compare yours with ours");
            if let Some(next) = next(places, name) {
                println!("  cargo course exercise {}   is {}", next.name, lower_first(&next.label));
            }
            return Ok(());
        }
        let line = self.line_to_edit();
        println!(
            "\n{passed} of {} passed. Edit {file}:{line}, then run the same again:",
            counted(tests.len(), "test")
        );
        println!("  cargo course exercise {name}");
        let hint = self.exercise.hint.as_ref().map_or("", |_| "--hint helps, ");
        println!("  ({hint}--reset starts again and keeps yours, --solution shows ours)");
        Err(Unfinished.into())
    }

    fn show_solution(&self) -> Result<()> {
        println!("{}", self.exercise.solution());
        let path = self.folder().join("solution.rs");
        if self.file().exists() {
            write(&path, &self.exercise.solved_file())?;
            println!(
                "\nTo compare it with yours, open both:\n  {}\n  {}",
                self.shown_file(),
                self.project.shown(&path)
            );
        }
        Ok(())
    }
}
