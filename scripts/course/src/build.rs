//! `cargo course build`: compile, run, measure what is missing, render.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Instant;

use anyhow::Result;
use lab::record::Care;

use crate::book;
use crate::examples::Examples;
use crate::measure::{Session, Turn, announce};
use crate::message::{counted, status};
use crate::project::Project;
use crate::python;

/// How much of the work `build` does.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    /// Renders from the records and runs nothing.
    pub recorded: bool,
    /// Runs the demos and measures nothing.
    pub unmeasured: bool,
    /// The machine whose numbers the pages show first.
    pub machine: Option<String>,
}

/// Builds the book into `book/`.
pub fn build(project: &Project, plan: &Plan, stop: &Arc<AtomicBool>) -> Result<PathBuf> {
    let began = Instant::now();
    if !plan.recorded {
        run_and_measure(project, !plan.unmeasured, stop)?;
    }
    let folder = book::render(project, plan.machine.as_deref())?;
    status(
        "Finished",
        format!(
            "{} in {:.1} s",
            project.shown(&folder.join("index.html")),
            began.elapsed().as_secs_f64()
        ),
    );
    Ok(folder)
}

/// Runs every demo whose files changed, and measures quickly what this machine never measured.
/// Returns what it compiled.
pub fn run_and_measure(
    project: &Project,
    measure: bool,
    stop: &Arc<AtomicBool>,
) -> Result<Examples> {
    let examples = Examples::compile(project)?;
    let _turn = Turn::take(project, stop)?;
    let session = Session::new(project, &examples, None, stop.clone())?;
    let mut ran = 0;
    for example in examples.programs.keys() {
        ran += usize::from(session.demo(example)?);
    }
    for program in python::asked_for(project)? {
        ran += usize::from(session.program(&program)?);
    }
    if ran > 0 {
        status("Ran", counted(ran, "demo"));
    }
    let mut announced = false;
    let missing = |example: &&String| measure && !session.measured(example);
    for example in examples.programs.keys().filter(missing) {
        if !std::mem::replace(&mut announced, true) {
            announce(session.machine());
        }
        session.measure(example, Care::Quick, false)?;
    }
    Ok(examples)
}
