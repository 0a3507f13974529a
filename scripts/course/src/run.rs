//! Does what the command line says, and says what went wrong.

use std::io;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use anyhow::{Result, bail};
use book::diagnostic::{counted, nearest};
use book::project::Project;
use book::python;
use clap::Parser;
use lab::machine::hold_to;
use lab::record::Care;

use crate::adopt;
use crate::build::{self, Plan};
use crate::check;
use crate::clean;
use crate::command_line::{Command, CommandLine, Measure, Question, core_list};
use crate::doctor;
use crate::examples::Examples;
use crate::exercise;
use crate::interrupt::{INTERRUPTED, stop_on_interrupt};
use crate::measure::{Done, Permit, Session, announce};
use crate::message::{error, report, status};
use crate::new;
use crate::pack;
use crate::packed::Pack;
use crate::render;
use crate::serve;
use crate::stopped::Stopped;
use crate::supervise;
use crate::test;

/// Runs the command.
pub fn run() -> ExitCode {
    let stop = Arc::new(AtomicBool::new(false));
    match dispatch(CommandLine::parse().command, &stop) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) if failure.is::<Stopped>() => ExitCode::from(INTERRUPTED),
        Err(failure) if failure.is::<exercise::Unfinished>() => ExitCode::FAILURE,
        Err(failure) => {
            report(&failure);
            ExitCode::FAILURE
        }
    }
}

fn dispatch(command: Command, stop: &Arc<AtomicBool>) -> Result<()> {
    let project = Project::find();
    match command {
        Command::Preprocess(preprocess) => match preprocess.question {
            Some(Question::Supports { renderer }) if renderer == "html" => Ok(()),
            Some(Question::Supports { .. }) => std::process::exit(1),
            None => preprocessor::preprocess(io::stdin().lock(), io::stdout().lock()),
        },
        Command::Build(options) => {
            stop_on_interrupt(stop)?;
            let plan = Plan {
                recorded: options.recorded,
                measuring: options.measuring.into(),
                machine: options.machine,
            };
            build::build(&project?, &plan, stop).map(drop)
        }
        Command::Measure(options) => {
            stop_on_interrupt(stop)?;
            measure(&project?, &options, stop)
        }
        Command::Check(options) => check::check(&project?, &options),
        Command::Exercise(options) => {
            if !options.watch {
                stop_on_interrupt(stop)?; // which a watch does in its own way
            }
            exercise::command(&project?, &options, stop)
        }
        Command::WatchForPage(options) => {
            exercise::watch_for_page(&project?, &options.exercise, options.memory);
            Ok(())
        }
        Command::Doctor => doctor::doctor(&project?),
        Command::Supervise(options) => Ok(supervise::supervise(&options)?),
        Command::MeasureForPage(options) => {
            supervise::measure_for_page(&project?, &options.experiment);
            Ok(())
        }
        Command::New(options) => new::new(&project?, &options),
        Command::Serve(options) => serve::serve(&project?, &options, stop),
        Command::Test(options) => {
            stop_on_interrupt(stop)?;
            test::test(&project?, options.only.as_deref(), stop)
        }
        Command::Pack(options) => {
            stop_on_interrupt(stop)?;
            pack::pack(&project?, &options, stop)
        }
        Command::Adopt(options) => adopt::adopt(&project?, &options, stop),
        Command::Clean => clean::clean(&project?),
    }
}

fn measure(project: &Project, options: &Measure, stop: &Arc<AtomicBool>) -> Result<()> {
    // A pack has no chapters, whose Python programs would be run for their output.
    let pack = Pack::around(project)?;
    let programs = match pack {
        Some(_) => Vec::new(),
        None => python::asked_for(project, &render::read_chapters(project)?),
    };
    // What was mistyped is said before minutes of compiling.
    check_names(project, &programs, &options.experiments)?;
    let cores = options.cores.as_deref().map(core_list).transpose().map_err(anyhow::Error::msg)?;
    // Nothing is compiled beside a measurement.
    let _permit = Permit::acquire(project, stop)?;
    // Compiled with every core, before this process is held to some.
    let examples = Examples::here(project)?;
    if let (Some(list), Some(cores)) = (&options.cores, cores) {
        hold_to(&cores).map_err(|why| anyhow::anyhow!("--cores {list}: {why}"))?;
    }
    let session =
        Session::new(project, &examples, options.machine.as_deref(), stop.clone())?.alone();
    announce(session.machine());
    let care = match (options.quick, options.thorough) {
        (true, _) => Care::Quick,
        (_, true) => Care::Thorough,
        _ => Care::Default,
    };
    let names: Vec<&String> = match options.experiments.as_slice() {
        [] => programs.iter().chain(examples.programs.keys()).collect(),
        named => named.iter().collect(),
    };
    let failed = measure_each(&session, &names, &programs, care, options)?;
    if let Some(pack) = &pack {
        pack::bring(project, pack, &session.machine().name)?;
    }
    match failed.as_slice() {
        [] => Ok(()),
        names => bail!("not measured: {}", names.join(", ")),
    }
}

/// Refuses a name that no example has, and no program of a page.
fn check_names(project: &Project, programs: &[String], named: &[String]) -> Result<()> {
    let mut known = project.examples()?;
    known.extend_from_slice(programs);
    let Some(unknown) = named.iter().find(|name| !known.contains(name)) else { return Ok(()) };
    match nearest(unknown, known.iter().map(String::as_str)) {
        Some(near) => bail!("no experiment named `{unknown}`: did you mean `{near}`?"),
        None => bail!(
            "no experiment named `{unknown}`: each is a file in {}/, and is named without its `.rs`",
            project.settings.examples
        ),
    }
}

/// Measures one after the other, and returns the names of those that failed.
fn measure_each<'a>(
    session: &Session,
    names: &[&'a String],
    programs: &[String],
    care: Care,
    options: &Measure,
) -> Result<Vec<&'a str>> {
    let named = !options.experiments.is_empty();
    let mut fresh = 0;
    let mut failed = Vec::new();
    for name in names {
        if programs.contains(name) {
            session.program(name)?;
            continue;
        }
        session.demo(name)?;
        match session.measure(name, care, options.again || named) {
            // No time is set for what is asked for by this command.
            Ok(Done::Measured | Done::TimeIsUp) => {}
            Ok(Done::Fresh) => fresh += 1,
            Ok(Done::NothingToMeasure) if !named => {}
            Ok(Done::NothingToMeasure) => {
                status("Nothing", format!("to measure in {name}: it is a demo"))
            }
            Err(failure) if failure.is::<Stopped>() => return Err(failure),
            // The others are measured all the same; nothing of this one is recorded.
            Err(failure) => {
                error(format!("{failure:#}"));
                failed.push(name.as_str());
            }
        }
    }
    if fresh > 0 {
        let experiments = counted(fresh, "experiment");
        status("Fresh", format!("{experiments}; `--again` measures them anyway"));
    }
    Ok(failed)
}
